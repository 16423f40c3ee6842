/** Keras layers as TF.js writes them, and the weights that go with them. */
import { extent } from '$lib/onnx/layers';
import type { FloatTensor } from '$lib/onnx/tensor';

/** A layer of a network; `weights` by the layer's own names of them. */
export interface KerasLayer {
	kind: string;
	name: string;
	config: Record<string, unknown>;
	weights: Record<string, FloatTensor>;
}

interface Window {
	kernel: readonly [height: number, width: number];
	strides: readonly [down: number, across: number];
	/** Zeros above, left, below, right. */
	pads: readonly number[];
	/** Of what it looks at. */
	height: number;
	width: number;
}

/**
 * Keras knows two paddings by name.
 * @returns it, and height and width of the result; null for any other padding
 */
export function paddingOf({ kernel, strides, pads, height, width }: Window) {
	for (const padding of ['SAME', 'VALID'] as const) {
		const [top, bottom, rows] = extent(height, kernel[0], strides[0], 1, padding);
		const [left, right, columns] = extent(width, kernel[1], strides[1], 1, padding);
		if ([top, left, bottom, right].join() === pads.join())
			return { padding: padding.toLowerCase(), height: rows, width: columns };
	}
	return null;
}

/** One after the other, the first fed with a picture: Keras' `Model`. */
export function modelJson(name: string, layers: readonly KerasLayer[]): object {
	const names = layers.map((layer) => layer.name);
	return {
		class_name: 'Model',
		config: {
			name,
			layers: layers.map((layer, i) => ({
				...layerJson(layer),
				name: layer.name,
				inbound_nodes: i === 0 ? [] : [[[names[i - 1], 0, 0, {}]]]
			})),
			input_layers: [[names[0], 0, 0]],
			output_layers: [[names.at(-1), 0, 0]]
		}
	};
}

export const sequenceJson = (name: string, layers: readonly object[]): object => ({
	class_name: 'Sequential',
	config: { name, layers }
});

export const layerJson = ({ kind, name, config }: KerasLayer): object => ({
	class_name: kind,
	config: { name, trainable: true, ...config }
});

/** The manifest of `weights.bin`, and the bytes in it. */
export function weightsOf(layers: readonly KerasLayer[]) {
	const all = layers.flatMap(({ name, weights }) =>
		Object.entries(weights).map(([role, tensor]) => ({ name: `${name}/${role}`, tensor }))
	);
	const numbers = new Float32Array(all.reduce((sum, { tensor }) => sum + tensor.data.length, 0));
	let at = 0;
	for (const { tensor } of all) {
		numbers.set(tensor.data, at);
		at += tensor.data.length;
	}
	return {
		// Little endian, as all machines that browsers run on.
		bytes: new Uint8Array(numbers.buffer),
		manifest: all.map(({ name, tensor }) => ({ name, shape: tensor.dims, dtype: 'float32' }))
	};
}
