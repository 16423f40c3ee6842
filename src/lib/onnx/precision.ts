/**
 * Smaller weights: 16-bit floats, or 8-bit whole numbers with a scale for each output channel. Only weights change;
 * the arithmetic stays float32, so the file runs wherever the larger one did.
 */
import type { Precision } from '../domain/model-facts';
import { Trouble } from '../domain/trouble';
import { nodeProto } from './builder';
import { toFloat16 } from './float16';
import { intOf } from './graph';
import type { Model } from './model';
import { type NodeProto, type TensorProto, TensorProto_DataType as DataType } from './onnx_pb';
import { ours } from './rewrite';
import { floatTensor, halfTensor, int8Tensor, product, readTensor } from './tensor';

/** Of fewer numbers than these nothing is won. */
const FEWEST = 256;
/** From this opset on DequantizeLinear has a scale for each channel. */
const SCALE_A_CHANNEL = 13n;
/** What is read back as the app's own numbers (see `assemble`) loses no more than half a float's precision. */
const keeps = (name: string) => name.startsWith(ours('gate/'));
/** The head is small, and it is what was taught. */
const stays = (name: string) => name.startsWith(ours('head/'));

/**
 * Changes the weights in place.
 *
 * @throws Trouble 'onnx-precision' where the graph is too old for 8-bit weights
 */
export function setPrecision(model: Model, precision: Precision): void {
	if (precision === 'fp32') return;
	const { graph } = model;
	const version = model.opsetImport.find(({ domain }) => ['', 'ai.onnx'].includes(domain))?.version ?? 1n;
	if (precision === 'int8' && version < SCALE_A_CHANNEL)
		throw new Trouble(
			'onnx-precision',
			'This network is written in an older form of ONNX, which knows no 8-bit weights of this kind. Take 16 bits.'
		);
	const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
	const casts = new Map(
		graph.node.filter(({ opType }) => opType === 'Cast').map((node) => [node.output[0] ?? '', node])
	);
	const done = new Set<string>();
	const made: NodeProto[] = [];
	for (const node of [...graph.node]) {
		const value = node.input[1] ?? '';
		const axis = channelAxis(node);
		if (axis === null || done.has(value) || stays(value)) continue;
		// Kept as halves already, and cast.
		const cast = casts.get(value);
		const stored = constants.get(cast ? (cast.input[0] ?? '') : value);
		if (!stored || product(stored.dims.map(Number)) < FEWEST || !isFloat(stored, cast)) continue;
		done.add(value);
		if (precision === 'int8' && !keeps(value)) {
			made.push(quantised(graph.initializer, stored, value, axis));
			drop(graph, stored, cast);
		} else if (stored.dataType === DataType.FLOAT) {
			made.push(halved(graph.initializer, stored, value));
			drop(graph, stored, undefined);
		}
	}
	graph.node.unshift(...made);
}

/** Where the output channels lie in the weights of what weighs; null of anything else. */
function channelAxis(node: NodeProto): number | null {
	if (node.opType === 'Conv') return 0;
	if (node.opType === 'Gemm') return intOf(node, 'transB', 0) === 1 ? 0 : 1;
	return node.opType === 'MatMul' ? 1 : null;
}

function isFloat({ dataType, dims }: TensorProto, cast: NodeProto | undefined): boolean {
	if (dims.length < 2) return false;
	return cast
		? dataType === DataType.FLOAT16 && intOf(cast, 'to', 0) === DataType.FLOAT
		: dataType === DataType.FLOAT;
}

function drop(graph: Model['graph'], stored: TensorProto, cast: NodeProto | undefined): void {
	if (cast) graph.node = graph.node.filter((node) => node !== cast);
	const used = graph.node.some(({ input }) => input.includes(stored.name));
	if (!used || !cast) graph.initializer = graph.initializer.filter((tensor) => tensor !== stored);
}

function halved(constants: TensorProto[], stored: TensorProto, value: string): NodeProto {
	const { dims, data } = readTensor(stored);
	const name = `${value}/half`;
	constants.push(halfTensor(name, dims, Uint16Array.from(data, toFloat16)));
	return nodeProto('Cast', [name], { to: DataType.FLOAT }, value);
}

/** Symmetric: w ≈ scale · q with q in −127..127, the scale of each channel such that its largest weight fits. */
function quantised(constants: TensorProto[], stored: TensorProto, value: string, axis: number): NodeProto {
	const { dims, data } = readTensor(stored);
	const channels = dims[axis] ?? 1;
	const inner = product(dims.slice(axis + 1));
	const scales = new Float32Array(channels);
	const channelOf = (i: number) => Math.floor(i / inner) % channels;
	for (const [i, weight] of data.entries())
		scales[channelOf(i)] = Math.max(scales[channelOf(i)] ?? 0, Math.abs(weight) / 127);
	const whole = Int8Array.from(data, (weight, i) => {
		const scale = scales[channelOf(i)] ?? 0;
		return scale > 0 ? Math.round(weight / scale) : 0;
	});
	const [numbers, scale] = [`${value}/int8`, `${value}/scale`];
	constants.push(
		int8Tensor(numbers, dims, whole),
		floatTensor(
			scale,
			[channels],
			scales.map((x) => x || 1)
		)
	);
	return nodeProto('DequantizeLinear', [numbers, scale], { axis }, value);
}
