/** What the layers of a network come to, as far as it is written: a convolution waits for what is folded into it. */
import type { Activation, Convolution, Layers, Margin, Plane, Row } from '$lib/onnx/layers';
import { damaged, quoted, unsupported } from './refusals';
import type { LayerNode } from './topology';

/** A plane with zeros around it, which go into the convolution that follows. */
export interface Padded {
	kind: 'padded';
	input: Plane;
	margin: Margin;
}

export type Value = Plane | Row | Convolution | Padded;

/** Multiplications for one picture; ResNet-50 takes 4 · 10⁹. */
const MOST_WORK = 2e10;
/** Numbers in all values: 256 MB. */
const MOST_NUMBERS = 2 ** 26;

/** Names of a file's layers are anything: a number in front keeps them apart. */
export const valueName = ({ name }: LayerNode, index: number): string => `${index}/${name.slice(0, 100)}`;

export class Values {
	readonly #values: Value[];
	#work = 0;
	#numbers = 0;

	/** @param image the value of the first node */
	constructor(
		readonly layers: Layers,
		readonly nodes: readonly LayerNode[],
		image: Plane | Convolution
	) {
		this.#values = [image];
	}

	/** The value of the next node. */
	push(value: Value): void {
		this.#values.push(value);
	}

	of(index: number): Value {
		const value = this.#values[index];
		if (!value) throw damaged('its layers do not follow from each other.');
		return value;
	}

	/** A feature map, which may be known only up to scale and shift. */
	plane(index: number): Plane {
		const value = this.of(index);
		if (value.kind === 'plane') return value;
		const node = this.nodes[index];
		if (value.kind !== 'convolution' || !node)
			throw unsupported(`what follows its layer ${quoted(node?.name ?? '')} is not known there.`);
		const written = this.written(value, 'none', valueName(node, index));
		this.#values[index] = written;
		return written;
	}

	/** A feature map as it is. */
	plain(index: number): Plane {
		const settled = this.settled(this.plane(index), `${index}/plain`);
		this.#values[index] = settled;
		return settled;
	}

	settled(input: Plane, name: string): Plane {
		if (input.scale === 1 && input.shift === 0) return input;
		return this.written(untouched(input), 'none', name);
	}

	/** @throws Trouble where nothing is left of the picture, or it is too much for a page */
	written(convolution: Convolution, activation: Activation, name: string): Plane {
		const plane = this.layers.write(convolution, activation, name);
		if (!(plane.height >= 1 && plane.width >= 1))
			throw damaged('a picture gets smaller in it than one pixel.');
		const area = plane.height * plane.width;
		this.#numbers += area * plane.channels;
		if (this.#numbers > MOST_NUMBERS) throw tooMuch();
		this.spend(area * convolution.kernel.data.length);
		return plane;
	}

	/** Counts the work of one picture. @throws Trouble */
	spend(multiplications: number): void {
		this.#work += multiplications;
		if (this.#work > MOST_WORK) throw tooMuch();
	}
}

/** A convolution that changes nothing, for what is to be folded in. */
export function untouched(input: Plane): Convolution {
	return {
		kind: 'convolution',
		input,
		kernel: { dims: [input.channels, 1, 1, 1], data: new Float32Array(input.channels).fill(1) },
		bias: new Float32Array(input.channels),
		groups: input.channels,
		strides: [1, 1],
		dilations: [1, 1],
		padding: 'VALID'
	};
}

const tooMuch = () => unsupported('it is larger than what Lensmith can run.');
