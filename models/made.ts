/** Networks that the app makes itself, to be trained from scratch: on no shelf, and useless until they have learned. */
import type { BackboneCard } from '../src/lib/domain/card';
import type { ScratchConfig } from '../src/lib/domain/training';

type Size = ScratchConfig['size'];

/** Of what `onnx/lecture-cnn` writes; a test holds them against it. */
const FILES: Readonly<Record<Size, { sha256: string; bytes: number }>> = {
	32: { sha256: 'a226d57c1e82d6db7ec6712aa88b71dc189a3ff0d2d1e284a054e4bba6518004', bytes: 846_855 },
	64: { sha256: '3838157eafcaf25c843742bba60621ad914e481e967a627b1c0d0c8d62f40831', bytes: 13_429_770 },
	96: { sha256: '4f30e5332187ec06dbf09aaad30738b7b1f77285fa3cbb91b493b8c567a5da4f', bytes: 42_789_898 }
};

/** It names nothing: a project's labels come with its head. */
export const MADE_LABELS = '[""]';
const labels = {
	url: 'made:lecture-cnn/labels.json',
	sha256: '055539df4a0b804c58caf46c0cd2941af10d64c1395ddd8e50b5f55d945841e6',
	bytes: 4,
	count: 1
};

/** The lecture's CNN for pictures of this size. */
export const lectureCard = (size: Size): BackboneCard => ({
	id: `lecture-cnn-${size}`,
	name: `The lecture’s CNN, ${size} px`,
	summary: 'A small network without knowledge, which learned from a project’s photos alone.',
	delivery: 'made',
	source: 'Lensmith',
	licence: 'MIT',
	attribution: 'Lensmith; layers as in “Deep Learning 101”, Andrew Beam, 2017',
	file: { url: `made:lecture-cnn-${size}/model.onnx`, ...FILES[size] },
	labels,
	input: { name: 'image', layout: 'NCHW', size, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
	outputs: {
		scores: { name: 'features', kind: 'logits', skip: 0 },
		features: { name: 'features', dimension: 1024 },
		map: null
	},
	cuts: []
});

export const madeCards: readonly BackboneCard[] = [lectureCard(32), lectureCard(64), lectureCard(96)];
