/** Photos as the trunk of the embedded backbone gives them, and as its features: as they are and mirrored. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'jpeg-js';
import * as ort from 'onnxruntime-node';
import { backbones } from '../../../models/catalog';
import { FINE_TUNE } from '../../../src/lib/components/teach/train/config';
import type { InputFacts, OutputFacts } from '../../../src/lib/domain/card';
import type { TrainingSet } from '../../../src/lib/domain/training';
import { Activations } from '../../../src/lib/engine/fine-tune/activations';
import { onlyPhotos, type Material } from '../../../src/lib/engine/fine-tune/fit';
import { cutBefore } from '../../../src/lib/engine/fine-tune/settings';
import { cropRect } from '../../../src/lib/image/crop';
import { toTensor } from '../../../src/lib/image/resize';
import { cutsOf } from '../../../src/lib/onnx/cut';
import { programOf, type Program } from '../../../src/lib/onnx/program';
import { cutAt, type Halves } from '../../../src/lib/onnx/split';
import { cut, mirror } from '../teach/photos';

export interface Network {
	bytes: Uint8Array;
	input: InputFacts & { name: string };
	outputs: OutputFacts;
	halves: Halves;
	/** Maps that cross the cut. */
	maps: readonly [number, number, number][];
	program: Program;
}

/** All photos of a folder, the mirrored ones as the second view. */
export type Photos = Omit<Material, 'lambda'> & { name: string };

/** The backbone that comes with the app, cut where the app does. @throws where it was not built */
export function embedded(): Network {
	const card = backbones.find(({ id }) => id === 'mobilenet-v1-025');
	if (!card?.outputs) throw new Error('The catalogue has no such backbone.');
	const { outputs } = card;
	const input = { ...card.input, name: card.input.name ?? '' };
	const bytes = new Uint8Array(readFileSync(`static/${card.file.url}`));
	const ends = { input, features: outputs.features.name, map: outputs.map?.name ?? null };
	const place = cutBefore(cutsOf(bytes, ends), FINE_TUNE.blocks);
	if (!place) throw new Error('It cannot be cut.');
	const halves = cutAt(bytes, place, [outputs.features.name]);
	return {
		...{ bytes, input, outputs, halves, program: programOf(halves.tail) },
		maps: place.dims.map(([channels = 0, height = 0, width = 0]) => [channels, height, width])
	};
}

/** @throws where the folder is missing */
export async function photosOf(folder: string, name: string, network: Network): Promise<Photos> {
	const root = join(folder, name);
	if (!existsSync(root)) throw new Error(`There are no photos in ${root}. Name a folder with --photos.`);
	const labels = readdirSync(root).sort();
	const paths = labels.map((label) => readdirSync(join(root, label)).sort());
	const files = paths.flatMap((photos, label) =>
		photos.map((photo) => join(root, labels[label] ?? '', photo))
	);
	const targets = Int32Array.from(paths.flatMap((photos, label) => photos.map(() => label)));
	const { dimension } = network.outputs.features;
	const activations = new Activations(network.maps, 2 * files.length);
	const views = [0, 1].map(() => new Float32Array(files.length * dimension));
	const [whole, trunk] = await Promise.all([
		asking(network.bytes, network, network.outputs.features.name),
		asking(network.halves.trunk, network, network.halves.features.name)
	]);
	for (const [photo, path] of files.entries()) {
		const picture = decode(readFileSync(path), { useTArray: true });
		const square = cut(picture, cropRect(picture.width, picture.height, 'centre'), 1);
		for (const [view, pixels] of [square, mirror(square)].entries()) {
			const tensor = toTensor(pixels, network.input);
			views[view]?.set(await whole(tensor), photo * dimension);
			await activations.put(photo + view * files.length, await trunk(tensor));
		}
	}
	const [features = new Float32Array(), ...augmented] = views;
	const groups = Int32Array.from(targets.keys());
	const set: TrainingSet = { features, augmented, dimension, targets, classes: labels.length, groups };
	return { name, set, activations, program: network.program };
}

async function asking(bytes: Uint8Array, { input }: Network, output: string) {
	const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1 });
	return async (picture: Float32Array): Promise<Float32Array> => {
		const feeds = { [input.name]: new ort.Tensor('float32', picture, [1, 3, input.size, input.size]) };
		const answer = (await session.run(feeds, [output]))[output];
		if (!(answer?.data instanceof Float32Array)) throw new Error(`The network gave no ${output}.`);
		return answer.data;
	};
}

/** Some of the photos, as the app would have them; with all their views. */
export function partOf({ set, activations, program, name }: Photos, photos: readonly number[]): Photos {
	const all = set.targets.length;
	const views = 1 + set.augmented.length;
	const rows = Array.from({ length: views }, (_, view) => photos.map((photo) => photo + view * all)).flat();
	return { name, program, set: onlyPhotos(set, photos), activations: activations.pick(rows) };
}
