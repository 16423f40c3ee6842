/** The ranges of numbers that networks of other people want their pictures in. */
import type { InputFacts } from './card';

export type PixelRange = Pick<InputFacts, 'mean' | 'std' | 'order'>;

const same = (x: number): [number, number, number] => [x, x, x];
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } satisfies PixelRange;

/** Most common first. `words` say who writes such networks, for whoever has to choose. */
export const PIXEL_RANGES = [
	{ id: 'imagenet', words: 'ImageNet’s mean and spread (PyTorch, timm)', range: imagenet },
	{ id: 'unit', words: '0 to 1 (Ultralytics, Lensmith)', range: { mean: same(0), std: same(1) } },
	{ id: 'signed', words: '−1 to 1 (Keras, TensorFlow)', range: { mean: same(0.5), std: same(0.5) } },
	{ id: 'bytes', words: '0 to 255', range: { mean: same(0), std: same(1 / 255) } },
	{
		id: 'bytes-bgr',
		words: '0 to 255, blue first (Custom Vision)',
		range: { mean: same(0), std: same(1 / 255), order: 'BGR' }
	},
	{
		id: 'caffe',
		words: '0 to 255 less the mean, blue first (Caffe, older Keras)',
		range: {
			mean: [123.68 / 255, 116.779 / 255, 103.939 / 255],
			std: same(1 / 255),
			order: 'BGR'
		}
	}
] as const satisfies readonly { id: string; words: string; range: PixelRange }[];
export type PixelRangeId = (typeof PIXEL_RANGES)[number]['id'];

export function pixelRange(id: PixelRangeId): PixelRange {
	return PIXEL_RANGES.find((one) => one.id === id)?.range ?? imagenet;
}
