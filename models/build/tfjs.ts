/** Reads a TensorFlow.js graph model: model.json and its weights. */

export interface TfjsNode {
	name: string;
	op: string;
	input: string[];
	attr: Record<string, TfjsAttribute | undefined>;
}

/** Whole numbers come as text, texts in base 64. */
export interface TfjsAttribute {
	b?: boolean;
	f?: number;
	s?: string;
	i?: string | number;
	list?: { i?: (string | number)[]; s?: string[] };
}

export interface Weight {
	dims: number[];
	data: Float32Array;
}

export interface TfjsModel {
	nodes: Map<string, TfjsNode>;
	weights: Map<string, Weight>;
}

interface ModelJson {
	modelTopology: { node: (Omit<TfjsNode, 'input' | 'attr'> & Partial<TfjsNode>)[] };
	weightsManifest: { weights: { name: string; shape: number[]; dtype: string; quantization?: unknown }[] }[];
}

/**
 * @param json text of model.json
 * @param shards all weight files of the manifest, joined
 * @throws Error when weights are quantised, of another type than float32 or int32, or not all there
 */
export function readTfjs(json: string, shards: Uint8Array): TfjsModel {
	const model = JSON.parse(json) as ModelJson; // the file's hash is pinned, so its shape is known
	const nodes = new Map(
		model.modelTopology.node.map((node) => [
			node.name,
			{ ...node, input: node.input ?? [], attr: node.attr ?? {} }
		])
	);
	const weights = new Map<string, Weight>();
	// A Buffer's slice() would share memory, at any offset; a Uint8Array's copies.
	const bytes = new Uint8Array(shards);
	let offset = 0;
	for (const { name, shape, dtype, quantization } of model.weightsManifest.flatMap(
		(group) => group.weights
	)) {
		if (quantization || (dtype !== 'float32' && dtype !== 'int32'))
			throw new Error(`${name}: ${dtype} is not read`);
		const length = shape.reduce((total, dim) => total * dim, 1);
		const own = bytes.slice(offset, offset + length * 4).buffer;
		offset += length * 4;
		const data = dtype === 'float32' ? new Float32Array(own) : Float32Array.from(new Int32Array(own));
		weights.set(name, { dims: shape, data });
	}
	if (offset !== shards.length)
		throw new Error(`${shards.length} bytes of weights where ${offset} are declared`);
	return { nodes, weights };
}

export function text(attribute: TfjsAttribute | undefined): string {
	return decode(attribute?.s ?? '');
}

export function texts(attribute: TfjsAttribute | undefined): string[] {
	return (attribute?.list?.s ?? []).map(decode);
}

export function integers(attribute: TfjsAttribute | undefined): number[] {
	return (attribute?.list?.i ?? []).map(Number);
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString();
