/** In which form a stranger's network wants its picture, as far as its file tells. */
import * as v from 'valibot';
import type { PixelRange } from '$lib/domain/ranges';
import { pixelRange } from '$lib/domain/ranges';
import { Trouble } from '$lib/domain/trouble';
import type { GraphInput } from '$lib/onnx/expose';
import { decodeJson } from '../json';
import { PICTURE_KEY } from '../model-layout';
import type { Answers, Received } from '$lib/domain/received';

const SMALLEST_SIDE = 8;
const LARGEST_SIDE = 1024;
const USUAL_SIDE = 224;
/** Of onnx/docs/MetadataProps.md. */
const NAMED_RANGES: ReadonlyMap<string, Answers['range']> = new Map([
	['Normalized_0_1', 'unit'],
	['Normalized_1_1', 'signed'],
	['NominalRange_0_255', 'bytes']
]);

interface Source {
	input: GraphInput;
	metadata: ReadonlyMap<string, string>;
	producer: string;
}

/** @throws Trouble 'model-unsuitable' where it is no picture that can be given */
export function pictureOf({ input, metadata, producer }: Source): Pick<Received, 'input' | 'guess'> {
	const { name, layout, batch } = input;
	if (batch !== null && batch !== 1)
		throw unsuitable(`it takes ${batch} pictures at a time and not one. Export it for one picture.`);
	const size = input.size ?? sizeIn(metadata.get('imgsz'));
	if (size !== null && (size < SMALLEST_SIDE || size > LARGEST_SIDE))
		throw unsuitable(
			`its pictures are ${size} pixels wide; ${SMALLEST_SIDE} to ${LARGEST_SIDE} are possible.`
		);
	const isOther = layout !== null && input.other !== null && input.other !== input.size;
	if (isOther) throw unsuitable('its pictures are not square.');
	const told = toldIn(metadata.get(PICTURE_KEY));
	return {
		input: {
			...{ name, layout: layout ?? told?.layout ?? null, size: size ?? told?.size ?? null },
			range: told?.range ?? rangeIn(metadata)
		},
		guess: { layout: layout ?? 'NCHW', size: size ?? USUAL_SIDE, range: usualRange(producer, layout) }
	};
}

const number = v.pipe(v.number(), v.finite());
const positive = v.pipe(number, v.gtValue(0));
const pictureSchema = v.object({
	layout: v.picklist(['NCHW', 'NHWC']),
	size: v.pipe(number, v.integer(), v.minValue(SMALLEST_SIDE), v.maxValue(LARGEST_SIDE)),
	mean: v.tuple([number, number, number]),
	std: v.tuple([positive, positive, positive]),
	order: v.exactOptional(v.picklist(['RGB', 'BGR']))
});

/** What a person was asked before the file was handed on. */
function toldIn(text: string | undefined) {
	if (text === undefined || text.length > 1000) return null;
	try {
		const { layout, size, ...range } = decodeJson(pictureSchema, text);
		return { layout, size, range };
	} catch {
		return null;
	}
}

/** Ultralytics: `[224, 224]` */
function sizeIn(text: string | undefined): number | null {
	const [, first, second] = /^\[\s*(\d{1,5})\s*,\s*(\d{1,5})\s*\]$/.exec(text ?? '') ?? [];
	return first !== undefined && first === second ? Number(first) : null;
}

/** Ultralytics, which has no such key, takes 0..1. */
function rangeIn(metadata: ReadonlyMap<string, string>): PixelRange | null {
	const format = metadata.get('Image.BitmapPixelFormat');
	if (format !== undefined && !['Rgb8', 'Bgr8', 'Rgba8', 'Bgra8'].includes(format))
		throw unsuitable(`its pictures have other colours than red, green, blue (${format.slice(0, 40)}).`);
	const order = format?.startsWith('Bgr') ? ({ order: 'BGR' } as const) : {};
	const named = NAMED_RANGES.get(metadata.get('Image.NominalPixelRange') ?? '');
	if (named) return { ...pixelRange(named), ...order };
	return metadata.get('author') === 'Ultralytics' ? pixelRange('unit') : null;
}

function usualRange(producer: string, layout: GraphInput['layout']): Answers['range'] {
	if (/tf2onnx|keras/i.test(producer) || layout === 'NHWC') return 'signed';
	return 'imagenet';
}

const unsuitable = (reason: string) =>
	new Trouble('model-unsuitable', `This network cannot be used here: ${reason}`);
