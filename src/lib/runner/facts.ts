/**
 * What a model's file says of itself. onnxruntime-web hands no metadata out, so it is read from the file's bytes.
 * Numbers of fields: `onnx/onnx.proto`.
 */
import type { Crop } from '../domain/crop';
import { Trouble } from '../domain/trouble';
import { broken, fieldsOf, partOf, textOf } from './fields';

export interface RunnerFacts {
	/** In the order of the probabilities. */
	labels: readonly string[];
	crop: Crop;
	/** Of familiarity: below it the model is not sure; null where it does not tell. */
	threshold: number | null;
	/** Side of the square in pixels. */
	size: number;
	layout: 'NCHW' | 'NHWC';
}

const MODEL = { graph: 7, metadata: 14 } as const;
const ENTRY = { key: 1, value: 2 } as const;
const GRAPH = { input: 11 } as const;
const INPUT = { name: 1, type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR = { shape: 2 } as const;
const SHAPE = { dimension: 1 } as const;
const DIMENSION = { value: 1 } as const;

/** What its input is called (see `onnx/assemble`). */
export const INPUT_NAME = 'image';
/** Pixels a side; 50 MB as numbers. */
const LARGEST = 2048;

/**
 * @param file a whole .onnx file
 * @throws Trouble 'model-broken', 'model-foreign' (not saved by Lensmith), 'model-newer'
 */
export function readFacts(file: Uint8Array): RunnerFacts {
	const metadata = new Map<string, string>();
	let graph: Uint8Array | null = null;
	for (const { number, bytes } of fieldsOf(file)) {
		if (number === MODEL.graph) graph = bytes;
		if (number === MODEL.metadata)
			metadata.set(textOf(partOf(bytes, ENTRY.key)), textOf(partOf(bytes, ENTRY.value)));
	}
	if (!graph) throw broken();
	const card = recordOf(parsed(metadata.get('lensmith')));
	if (card.format !== 'lensmith-model')
		throw new Trouble(
			'model-foreign',
			'This ONNX model was not saved by Lensmith, so how to feed it is not known here.'
		);
	if (card.version !== 1)
		throw new Trouble(
			'model-newer',
			'This model was saved by a newer Lensmith. Save lensmith-model.js from there, too.'
		);
	if (card.crop !== 'centre' && card.crop !== 'whole') throw broken();
	return {
		labels: labelsOf(recordOf(parsed(metadata.get('names')))),
		crop: card.crop,
		threshold: thresholdOf(recordOf(card.parts).gate),
		...shapeOf(dimensionsOf(graph), parsed(metadata.get('imgsz')))
	};
}

function labelsOf(names: Readonly<Record<string, unknown>>): string[] {
	const labels = Object.keys(names).map((_, index) => names[index]);
	if (labels.length === 0 || !labels.every((label) => typeof label === 'string')) throw broken();
	return labels;
}

function thresholdOf(gate: unknown): number | null {
	if (gate === null) return null;
	const { threshold } = recordOf(gate);
	if (typeof threshold !== 'number' || !Number.isFinite(threshold)) throw broken();
	return threshold;
}

/** NaN stands for what is not fixed. */
function dimensionsOf(graph: Uint8Array): number[] {
	for (const { number, bytes } of fieldsOf(graph)) {
		if (number !== GRAPH.input || textOf(partOf(bytes, INPUT.name)) !== INPUT_NAME) continue;
		const tensor = partOf(partOf(bytes, INPUT.type) ?? bytes, TYPE.tensor);
		const shape = tensor && partOf(tensor, TENSOR.shape);
		if (!shape) break;
		return [...fieldsOf(shape)]
			.filter((field) => field.number === SHAPE.dimension)
			.map(
				({ bytes }) => [...fieldsOf(bytes)].find((field) => field.number === DIMENSION.value)?.value ?? NaN
			);
	}
	throw broken();
}

/** @param imgsz [height, width]; counts where the graph leaves them open */
function shapeOf(
	[, second = NaN, third = NaN, fourth = NaN, ...more]: readonly number[],
	imgsz: unknown
): Pick<RunnerFacts, 'size' | 'layout'> {
	const layout = second === 3 ? 'NCHW' : 'NHWC';
	const [height, width] = layout === 'NCHW' ? [third, fourth] : [second, third];
	const told: unknown = Array.isArray(imgsz) ? imgsz[0] : NaN;
	const size = Number.isNaN(height) ? told : height;
	const square = Number.isNaN(width) || width === size;
	const isSize = typeof size === 'number' && Number.isInteger(size) && size >= 1 && size <= LARGEST;
	if (!isSize || !square || more.length > 0 || (layout === 'NHWC' && fourth !== 3)) throw broken();
	return { size, layout };
}

/** @returns undefined where nothing is written */
function parsed(text: string | undefined): unknown {
	try {
		return text === undefined ? undefined : JSON.parse(text);
	} catch (cause) {
		throw broken(cause);
	}
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null ? { ...value } : {};
}
