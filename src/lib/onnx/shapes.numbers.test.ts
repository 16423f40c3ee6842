/** Sizes that a graph computes from sizes, as exporters write them: they are foreseen, or said not to be. */
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { cases, pick } from '../../../tests/fixtures/mutations';
import { sizesInRuntime } from '../../../tests/fixtures/onnx';
import { Random } from '../domain/random';
import { Trouble } from '../domain/trouble';
import { type Attribute, nodeProto, valueInfo } from './builder';
import { checkGraph } from './check';
import { type Model, readModel, writeModel } from './model';
import {
	AttributeProto_AttributeType as AttributeType,
	AttributeProtoSchema,
	GraphProtoSchema,
	ModelProtoSchema,
	TensorProto_DataType as DataType,
	ValueInfoProtoSchema
} from './onnx_pb';
import { floatTensor, intTensor } from './tensor';

const picture = { size: 8, layout: 'NCHW' } as const;

/** Writes a chain of nodes; every step gives the name of a list of 64-bit numbers. */
class Chain {
	readonly graph = create(GraphProtoSchema, { name: 'chain' });
	#count = 0;

	constructor(readonly dims: number[]) {
		this.graph.input.push(valueInfo('x', dims));
	}

	node(op: string, inputs: string[], attributes: Record<string, Attribute> = {}): string {
		const name = `v${this.#count++}`;
		this.graph.node.push(nodeProto(op, inputs, attributes, name));
		return name;
	}

	ints(data: number[], dims = [data.length]): string {
		const name = `c${this.#count++}`;
		this.graph.initializer.push(intTensor(name, dims, data));
		return name;
	}

	float(value: number): string {
		const name = `c${this.#count++}`;
		this.graph.initializer.push(floatTensor(name, [], Float32Array.of(value)));
		return name;
	}

	/** The size of the model's output is what the list says, held to 1..6, of at most 4 axes. */
	finish(list: string, opset: number): Model {
		const few = this.node('Slice', [list, this.ints([0]), this.ints([4])]);
		const least = this.node('Max', [few, this.ints([1])]);
		const made = this.node('ConstantOfShape', [this.node('Min', [least, this.ints([6])])]);
		return this.model([made], opset);
	}

	model(outputs: string[], opset: number): Model {
		for (const name of outputs) this.graph.output.push(create(ValueInfoProtoSchema, { name }));
		const model = create(ModelProtoSchema, {
			irVersion: 8n,
			opsetImport: [{ version: BigInt(opset) }],
			graph: this.graph
		});
		return readModel(writeModel(model));
	}
}

type Step = (chain: Chain, list: string, random: Random) => string;

const number = (random: Random) => pick([-3, -1, 1, 2, 3, 7, 1000003], random);
const arithmetic =
	(op: string): Step =>
	(chain, list, random) =>
		chain.node(op, random.shuffle([list, chain.ints([number(random)])]));
const throughFloat =
	(op: string): Step =>
	(chain, list, random) => {
		const float = chain.node('Cast', [list], { to: DataType.FLOAT });
		const scaled = chain.node(pick(['Mul', 'Div'], random), [float, chain.float(0.3 + random.next() * 3)]);
		return chain.node('Cast', [chain.node(op, [scaled])], { to: DataType.INT64 });
	};

const clip = (chain: Chain, list: string, least: number, most: number) => [
	list,
	chain.ints([least], []),
	chain.ints([most], [])
];
const column = (chain: Chain, list: string) => chain.node('Reshape', [list, chain.ints([-1, 1])]);
/** At most 6 numbers of a table. */
const row = (chain: Chain, table: string) =>
	chain.node('Slice', [chain.node('Reshape', [table, chain.ints([-1])]), chain.ints([0]), chain.ints([6])]);

const steps: Record<string, Step> = {
	add: arithmetic('Add'),
	subtract: arithmetic('Sub'),
	multiply: arithmetic('Mul'),
	divide: (chain, list, random) => chain.node('Div', [list, chain.ints([number(random)])]),
	minimum: arithmetic('Min'),
	maximum: arithmetic('Max'),
	'absolute or negative': (chain, list, random) => chain.node(pick(['Abs', 'Neg'], random), [list]),
	down: throughFloat('Floor'),
	up: throughFloat('Ceil'),
	toward: throughFloat('Identity'),
	root: (chain, list) => throughFloat('Sqrt')(chain, chain.node('Abs', [list]), new Random(1)),
	one: (chain, list) => chain.node('Gather', [list, chain.ints([0])]),
	last: (chain, list) =>
		chain.node('Unsqueeze', [chain.node('Gather', [list, chain.ints([-1], [])]), chain.ints([0])]),
	'joined with itself': (chain, list) =>
		chain.node('Slice', [chain.node('Concat', [list, list], { axis: 0 }), chain.ints([0]), chain.ints([6])]),
	'joined with a number': (chain, list, random) =>
		chain.node('Slice', [
			chain.node('Concat', [chain.ints([number(random)]), list], { axis: 0 }),
			chain.ints([0]),
			chain.ints([6])
		]),
	reversed: (chain, list) =>
		chain.node('Slice', [list, chain.ints([-1]), chain.ints([-1000]), chain.ints([0]), chain.ints([-1])]),
	'as expand is exported': (chain, list) => {
		const ones = chain.node('ConstantOfShape', [chain.node('Shape', [list])]);
		const whole = chain.node('Cast', [ones], { to: DataType.INT64 });
		const open = chain.node('Equal', [list, chain.node('Mul', [whole, chain.ints([-1])])]);
		return chain.node('Where', [open, chain.ints([4]), list]);
	},
	compared: (chain, list, random) => {
		const by = chain.ints([number(random)]);
		const first = chain.node(pick(['Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual'], random), [list, by]);
		const second = chain.node('Not', [chain.node('Equal', [list, by])]);
		const both = chain.node(pick(['And', 'Or', 'Xor'], random), [first, second]);
		return chain.node('Where', [both, list, chain.ints([2])]);
	},
	'product or sum': (chain, list, random) =>
		chain.node(pick(['ReduceProd', 'ReduceMax', 'ReduceMin'], random), [list], { keepdims: 1 }),
	sum: (chain, list) => chain.node('ReduceSum', [list, chain.ints([0])], { keepdims: 1 }),
	'in other dimensions': (chain, list) =>
		chain.node('Squeeze', [chain.node('Unsqueeze', [list, chain.ints([0])]), chain.ints([0])]),
	'in a row': (chain, list) =>
		chain.node('Reshape', [chain.node('Flatten', [list], { axis: 0 }), chain.ints([-1])]),
	expanded: (chain, list) =>
		chain.node('Expand', [chain.node('Gather', [list, chain.ints([0], [])]), chain.ints([3])]),
	range: (chain, list) => {
		const end = chain.node('Min', [
			chain.node('Abs', [chain.node('Gather', [list, chain.ints([0], [])])]),
			chain.ints([5], [])
		]);
		return chain.node('Range', [
			chain.ints([0], []),
			chain.node('Add', [end, chain.ints([1], [])]),
			chain.ints([1], [])
		]);
	},
	tiled: (chain, list) =>
		chain.node('Tile', [chain.node('Gather', [list, chain.ints([0])]), chain.ints([2])]),
	clipped: (chain, list, random) => chain.node('Clip', clip(chain, list, -2, 1 + random.integer(9))),
	'clipped from below': (chain, list) => chain.node('Clip', [list, chain.ints([2], [])]),
	remainder: (chain, list, random) =>
		chain.node('Mod', [list, chain.ints([number(random)])], { fmod: random.integer(2) }),
	power: (chain, list, random) => {
		const few = chain.node('Clip', clip(chain, list, -20, 20));
		return chain.node('Pow', [few, chain.ints([random.integer(5)])]);
	},
	'no less than nothing': throughFloat('Relu'),
	'in two columns, from behind': (chain, list, random) => {
		const table = chain.node('Concat', [column(chain, list), chain.node('Neg', [column(chain, list)])], {
			axis: random.integer(2)
		});
		const both = chain.ints([0, 1]);
		const [starts, ends] = [chain.ints([-1, -1]), chain.ints([-1000, -1000])];
		const cut = chain.node('Slice', [table, starts, ends, both, chain.ints([-1, pick([-1, -2], random)])]);
		return row(chain, chain.node('Transpose', [cut], { perm: [1, 0] }));
	},
	'a part of a table': (chain, list, random) => {
		const table = chain.node('Tile', [column(chain, list), chain.ints([2, 3])]);
		const sums = chain.node('Add', [table, chain.ints([1, 2, 3])]);
		const axis = random.integer(2);
		const part = chain.node('Split', [axis === 0 ? sums : chain.node('Concat', [sums, sums], { axis })], {
			axis
		});
		chain.graph.node.at(-1)?.output.push(`${part}/second`);
		return row(chain, chain.node('Concat', [`${part}/second`, part], { axis: 1 - axis }));
	},
	'some of a table': (chain, list, random) => {
		const sums = chain.node('Add', [column(chain, list), chain.ints([1, 2, 3])]);
		const [dims, axis] = [pick([[2, 2], [4], [1, 4]], random), random.integer(2)];
		const at = [0, -1, axis === 0 ? 0 : 2, 0];
		return row(chain, chain.node('Gather', [sums, chain.ints(at, dims)], { axis }));
	},
	size: (chain, list) => chain.node('Unsqueeze', [chain.node('Size', [list]), chain.ints([0])]),
	32: (chain, list) =>
		chain.node(
			'Cast',
			[chain.node('Cast', [chain.node('Min', [list, chain.ints([1000])])], { to: DataType.INT32 })],
			{ to: DataType.INT64 }
		)
};

function outputsOrWhy(model: Model) {
	try {
		return checkGraph(model, picture).outputs;
	} catch (cause) {
		if (cause instanceof Trouble) return cause;
		throw cause;
	}
}

const fed = (dims: number[]) => ({
	x: new Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b)), dims)
});

describe('sizes out of sizes are those that ONNX Runtime computes', () => {
	const run = { numRuns: Math.ceil(cases(2400) / 150), seed: 5 };

	test.each(Object.keys(steps))('%s', async (name) => {
		let taken = 0;
		await fc.assert(
			fc.asyncProperty(fc.integer(), async (seed) => {
				const random = new Random(seed);
				const chain = new Chain([1, 1 + random.integer(4), 1 + random.integer(9), 1 + random.integer(9)]);
				let list = chain.node('Shape', ['x']);
				for (const step of [pick(Object.keys(steps), random), name, pick(Object.keys(steps), random)])
					list = steps[step]?.(chain, list, random) ?? list;
				const model = chain.finish(list, 13 + random.integer(5));
				const real = await sizesInRuntime(model, fed(chain.dims));
				if (typeof real === 'string') return;
				const told = outputsOrWhy(model);
				// What does not fit a double is not followed.
				if (told instanceof Trouble) return void expect(told.message).toContain('cannot be told beforehand');
				taken++;
				expect(Object.fromEntries(told.map(({ name, dims }) => [name, dims]))).toEqual(real);
			}),
			run
		);
		expect(taken).toBeGreaterThan(run.numRuns / 2);
	});
});

test('margins as PyTorch writes them', async () => {
	const chain = new Chain([1, 3, 8, 9]);
	// F.pad(x, (1, 2, 3, 4)): the last axis first, and none before the others.
	const none = chain.node('ConstantOfShape', [chain.ints([4])]);
	const zero = create(AttributeProtoSchema, {
		name: 'value',
		type: AttributeType.TENSOR,
		t: intTensor('', [1], [0])
	});
	chain.graph.node.at(-1)?.attribute.push(zero);
	const all = chain.node('Concat', [chain.ints([1, 2, 3, 4]), none], { axis: 0 });
	const pairs = chain.node('Reshape', [all, chain.ints([-1, 2])]);
	const [start, end] = [chain.ints([-1]), chain.ints([-(2 ** 63)])];
	const turned = chain.node('Slice', [pairs, start, end, chain.ints([0]), chain.ints([-1])]);
	const sides = chain.node('Transpose', [turned], { perm: [1, 0] });
	const pads = chain.node('Reshape', [sides, chain.ints([-1])]);
	const padded = chain.node('Pad', ['x', chain.node('Cast', [pads], { to: DataType.INT64 })]);
	chain.graph.initializer.push(floatTensor('kernel', [2, 3, 3, 3], new Float32Array(54)));
	const made = chain.node('Conv', [padded, 'kernel'], { kernel_shape: [3, 3] });
	const model = chain.model([padded, made], 17);
	expect(outputsOrWhy(model)).toEqual([
		{ name: padded, dims: [1, 3, 15, 12] },
		{ name: made, dims: [1, 2, 13, 10] }
	]);
	expect(await sizesInRuntime(model, fed(chain.dims))).toEqual({
		[padded]: [1, 3, 15, 12],
		[made]: [1, 2, 13, 10]
	});
});

test('many operands of many numbers cost no more than they are', () => {
	const chain = new Chain([1, 3, 8, 8]);
	const ones = chain.ints(Array.from({ length: 1000 }, (_, i) => i));
	const single = Array.from({ length: 999 }, () => chain.ints([7]));
	let last = ones;
	for (let i = 0; i < 100; i++) last = chain.node(pick(['Max', 'Min'], new Random(i)), [last, ...single]);
	const before = process.cpuUsage();
	outputsOrWhy(chain.finish(last, 17));
	// Of the processor, not of the clock: other tests run beside it.
	expect(process.cpuUsage(before).user).toBeLessThan(1.5e6);
});

describe('what is not followed is said', () => {
	test.each<[string, (chain: Chain) => string]>([
		[
			'numbers of the picture',
			(chain) => chain.node('Cast', [chain.node('Reshape', ['x', chain.ints([-1])])], { to: DataType.INT64 })
		],
		[
			'a place that is not there',
			(chain) => chain.node('Gather', [chain.node('Shape', ['x']), chain.ints([9])])
		],
		['more than 64 bits', (chain) => chain.node('Mul', [chain.ints([2 ** 40]), chain.ints([2 ** 40])])],
		['a division by nothing', (chain) => chain.node('Div', [chain.ints([2]), chain.ints([0])])],
		['powers that are no whole number', (chain) => chain.node('Pow', [chain.ints([2]), chain.ints([-2])])],
		['a remainder of nothing', (chain) => chain.node('Mod', [chain.ints([2]), chain.ints([0])])],
		[
			'halves',
			(chain) =>
				chain.node('Cast', [chain.node('Cast', [chain.ints([3])], { to: DataType.FLOAT16 })], {
					to: DataType.INT64
				})
		]
	])('%s', (_, make) => {
		const chain = new Chain([1, 3, 8, 8]);
		expect(outputsOrWhy(chain.finish(make(chain), 17))).toMatchObject({
			code: 'onnx-unsupported',
			message: expect.stringContaining('cannot be told beforehand')
		});
	});

	test('a list of more than 2,048 numbers', () => {
		const chain = new Chain([1, 3, 8, 8]);
		const many = chain.node('ConstantOfShape', [chain.ints([2049])]);
		expect(outputsOrWhy(chain.finish(chain.node('Cast', [many], { to: DataType.INT64 }), 17))).toMatchObject({
			code: 'onnx-unsupported'
		});
		const few = new Chain([1, 3, 8, 8]);
		const list = few.node('Cast', [few.node('ConstantOfShape', [few.ints([2048])])], { to: DataType.INT64 });
		expect(outputsOrWhy(few.finish(list, 17))).toMatchObject([{ dims: [1, 1, 1, 1] }]);
	});
});
