/** Where small graphs may be cut, one of each kind of block. */
import { describe, expect, test } from 'vitest';
import { type Attribute, GraphBuilder } from './builder';
import { type Cut, cutsOf } from './cut';
import { TensorProto_DataType as DataType } from './onnx_pb';
import { readModel, writeModel } from './model';
import { setPrecision } from './precision';

const size = 16;
const input = { layout: 'NCHW', size } as const;

/** Convolutions of 3 × 3 that keep the size; weights are zeros, for nothing is run here. */
class Net extends GraphBuilder {
	#count = 0;

	constructor() {
		super('small');
		this.input('x', ['N', 3, size, size]);
	}

	conv(x: string, from: number, to: number, name: string, { group = 1, side = 3 } = {}): string {
		const weights = [to, from / group, side, side];
		const kernel = this.zeros(weights);
		const pad = Math.floor(side / 2);
		return this.node(
			'Conv',
			[x, kernel, this.zeros([to])],
			{ kernel_shape: [side, side], pads: [pad, pad, pad, pad], group },
			name
		);
	}

	zeros(dims: number[]): string {
		return this.floats(`w${this.#count++}`, dims, new Float32Array(dims.reduce((a, b) => a * b, 1)));
	}

	op(op: string, inputs: string[], name: string, attributes: Record<string, Attribute> = {}): string {
		return this.node(op, inputs, attributes, name);
	}

	/** Pools, flattens and finishes. */
	end(map: string, channels: number): Uint8Array {
		this.op('GlobalAveragePool', [map], 'pooled');
		this.op('Flatten', ['pooled'], 'features', { axis: 1 });
		this.output('features', ['N', channels]);
		return this.finish();
	}
}

const cuts = (bytes: Uint8Array, map: string | null = null): Cut[] =>
	cutsOf(bytes, { input, features: 'features', map });
const names = (found: readonly Cut[]) => found.map(({ values }) => values.join(' + '));

describe('small graphs', () => {
	test('a chain is cut behind its blocks, and what lies after each cut is told', () => {
		const net = new Net();
		net.op('Relu', [net.conv('x', 3, 4, 'a')], 'a/relu');
		net.op(
			'BatchNormalization',
			[net.conv('a/relu', 4, 5, 'b'), ...Array.from('1234', () => net.zeros([5]))],
			'b/norm'
		);
		net.op('Relu', ['b/norm'], 'b/relu');
		net.op('Identity', ['b/relu'], 'b/identity');
		net.op('Relu', [net.conv('b/identity', 5, 6, 'c')], 'c/relu');
		expect(cuts(net.end('c/relu', 6), 'c/relu')).toEqual([
			{
				values: ['a/relu'],
				dims: [[4, size, size]],
				// Means and variances of the normalisation are not trained.
				numbers: 5 * 4 * 9 + 5 + 2 * 5 + 6 * 5 * 9 + 6,
				operators: ['Conv', 'BatchNormalization', 'Relu', 'Identity', 'GlobalAveragePool', 'Flatten']
			},
			{
				values: ['b/identity'],
				dims: [[5, size, size]],
				numbers: 6 * 5 * 9 + 6,
				operators: ['Conv', 'Relu', 'GlobalAveragePool', 'Flatten']
			}
		]);
	});

	test('an added bias, a swish in several steps and a pooling belong to the block before', () => {
		const net = new Net();
		net.op('Add', [net.conv('x', 3, 4, 'a'), net.zeros([4, 1, 1])], 'a/bias');
		net.op('Mul', ['a/bias', net.op('Sigmoid', ['a/bias'], 'a/sigmoid')], 'a/swish');
		net.op('MaxPool', ['a/swish'], 'a/pool', { kernel_shape: [2, 2], strides: [2, 2] });
		net.conv('a/pool', 4, 6, 'b');
		const found = cuts(net.end('b', 6));
		expect(names(found)).toEqual(['a/pool']);
		expect(found[0]?.dims).toEqual([[4, size / 2, size / 2]]);
	});

	test('a residual block is not cut inside, whatever its shortcut is', () => {
		const net = new Net();
		net.op('Relu', [net.conv('x', 3, 4, 'stem')], 'stem/relu');
		net.conv(net.op('Relu', [net.conv('stem/relu', 4, 4, 'a1')], 'a1/relu'), 4, 4, 'a2');
		net.op('Relu', [net.op('Add', ['a2', 'stem/relu'], 'a')], 'a/relu');
		net.conv(net.op('Relu', [net.conv('a/relu', 4, 6, 'b1')], 'b1/relu'), 6, 6, 'b2');
		net.op('Add', ['b2', net.conv('a/relu', 4, 6, 'way')], 'b');
		net.op('Relu', [net.op('Relu', ['b'], 'b/relu')], 'b/again');
		net.conv('b/again', 6, 6, 'c');
		expect(names(cuts(net.end('c', 6)))).toEqual(['stem/relu', 'a/relu', 'b/again']);
	});

	test('a residual block that normalises first is cut at the sum, which goes on', () => {
		const net = new Net();
		net.conv('x', 3, 4, 'sum0');
		for (const i of [1, 2])
			net.op(
				'Add',
				[`sum${i - 1}`, net.conv(net.op('Relu', [`sum${i - 1}`], `relu${i}`), 4, 4, `conv${i}`)],
				`sum${i}`
			);
		expect(names(cuts(net.end('sum2', 4)))).toEqual(['sum0', 'sum1']);
	});

	test('ways that part and join again are not cut between', () => {
		const net = new Net();
		net.conv('x', 3, 4, 'a');
		net.conv(net.conv('a', 4, 4, 'left1'), 4, 4, 'left2');
		net.conv(net.conv('a', 4, 4, 'right1'), 4, 4, 'right2');
		net.op('Concat', ['left2', 'right2'], 'joined', { axis: 1 });
		net.conv('joined', 8, 9, 'b');
		expect(names(cuts(net.end('b', 9)))).toEqual(['a', 'joined']);
	});

	test('what an operator gives in two parts is not cut at one of them', () => {
		const net = new Net();
		net.conv('x', 3, 4, 'a');
		net.op('Split', ['a'], 'part0', { axis: 1 });
		net.conv('part0', 2, 4, 'left');
		net.conv('part0', 2, 4, 'right');
		net.conv(net.op('Concat', ['left', 'right'], 'joined', { axis: 1 }), 8, 9, 'b');
		const model = readModel(net.end('b', 9));
		for (const node of model.graph.node) {
			if (node.output.includes('part0')) node.output.push('part1');
			if (node.output.includes('right')) node.input[0] = 'part1';
		}
		expect(names(cuts(writeModel(model)))).toEqual(['a', 'joined']);
	});

	test('an output that is left out is none that a later operator reads', () => {
		const net = new Net();
		net.conv('x', 3, 4, 'a');
		net.op('MaxPool', ['a'], 'a/pool', { kernel_shape: [2, 2], strides: [2, 2] });
		const most = net.scalar(6);
		net.op('Clip', [net.conv('a/pool', 4, 4, 'b'), '', most], 'b/clip');
		net.op('Clip', [net.conv('b/clip', 4, 4, 'c'), '', most], 'c/clip');
		net.op('Clip', [net.conv('c/clip', 4, 4, 'd'), '', most], 'd/clip');
		const bytes = net.end('d/clip', 4);
		const model = readModel(bytes);
		model.graph.node.find(({ opType }) => opType === 'MaxPool')?.output.push('');
		expect(names(cuts(bytes))).toEqual(['a/pool', 'b/clip', 'c/clip']);
		expect(names(cuts(writeModel(model)))).toEqual(['a/pool', 'b/clip', 'c/clip']);
	});

	test('several maps of one picture are not cut at', () => {
		const net = new Net();
		net.op('Concat', ['x', 'x'], 'both', { axis: 0 });
		net.conv('both', 3, 4, 'a');
		net.conv('a', 4, 4, 'b');
		net.op('ReduceMean', ['b'], 'one', { axes: [0] });
		net.conv('one', 4, 4, 'c');
		net.conv('c', 4, 4, 'd');
		expect(names(cuts(net.end('d', 4)))).toEqual(['one', 'c']);
	});

	test('the picture itself may take no way around the cut', () => {
		const net = new Net();
		net.conv('x', 3, 4, 'a');
		net.op('Concat', [net.conv('a', 4, 4, 'b'), 'x'], 'joined', { axis: 1 });
		net.conv(net.conv('joined', 7, 7, 'c'), 7, 7, 'd');
		expect(names(cuts(net.end('d', 7)))).toEqual(['joined', 'c']);

		const late = new Net();
		late.conv(late.conv('x', 3, 4, 'a'), 4, 4, 'b');
		expect(cuts(late.end(late.op('Concat', ['b', 'x'], 'joined', { axis: 1 }), 7))).toEqual([]);
	});

	test('separable blocks: no cut between a depthwise convolution and what mixes its channels', () => {
		const net = new Net();
		net.conv('x', 3, 4, 'stem');
		net.conv(net.conv('stem', 4, 4, 'deep1', { group: 4 }), 4, 8, 'point1', { side: 1 });
		net.conv(net.conv('point1', 8, 8, 'deep2', { group: 8 }), 8, 8, 'point2', { side: 1 });
		expect(names(cuts(net.end('point2', 8)))).toEqual(['stem', 'point1']);
	});

	test('inverted bottlenecks without a shortcut: no cut where they are wide', () => {
		const net = new Net();
		net.conv('x', 3, 4, 'stem');
		for (const [i, from] of [4, 5, 6].entries()) {
			const wide = net.conv(i === 0 ? 'stem' : `narrow${i - 1}`, from, 6 * from, `wide${i}`, { side: 1 });
			const deep = net.conv(wide, 6 * from, 6 * from, `deep${i}`, { group: 6 * from });
			net.conv(deep, 6 * from, from + 1, `narrow${i}`, { side: 1 });
		}
		expect(names(cuts(net.end('narrow2', 7)))).toEqual(['stem', 'narrow0', 'narrow1']);
	});

	test('weights that are kept as halves or in 8 bits count, and the casts are no operators', () => {
		const net = new Net();
		net.conv('x', 3, 16, 'a');
		net.conv('a', 16, 16, 'b');
		const plain = net.end('b', 16);
		const whole = cuts(plain);
		expect(whole).toMatchObject([
			{ values: ['a'], numbers: 16 * 16 * 9 + 16, operators: expect.arrayContaining(['Conv']) }
		]);
		for (const precision of ['fp16', 'int8'] as const) {
			const model = readModel(plain);
			setPrecision(model, precision);
			expect(cuts(writeModel(model))).toEqual(whole);
		}
	});

	test('where the map is asked for too, it may be the cut itself, but no cut comes after it', () => {
		const net = new Net();
		net.conv(net.conv('x', 3, 4, 'a'), 4, 4, 'b');
		net.op('GlobalAveragePool', ['b'], 'mean');
		net.conv('mean', 4, 6, 'last', { side: 1 });
		net.op('Flatten', ['last'], 'features', { axis: 1 });
		net.output('features', ['N', 6]);
		const bytes = net.finish();
		expect(names(cuts(bytes))).toEqual(['a', 'mean']);
		expect(names(cuts(bytes, 'b'))).toEqual(['a', 'b']);
	});

	test('a graph of one convolution or of none has no place for a cut', () => {
		const one = new Net();
		one.conv('x', 3, 4, 'a');
		expect(cuts(one.end('a', 4))).toEqual([]);
		expect(cuts(new Net().end('x', 3))).toEqual([]);
	});

	test('values in half precision are not cut at', () => {
		const net = new Net();
		net.op('Cast', [net.conv('x', 3, 4, 'a')], 'a/half', { to: 10 });
		const kernel = net.op('Cast', [net.zeros([4, 4, 1, 1])], 'kernel/half', { to: 10 });
		net.op('Conv', ['a/half', kernel], 'b/half');
		net.op('Cast', ['b/half'], 'b', { to: 1 });
		const found = cuts(net.end(net.conv('b', 4, 4, 'c'), 4));
		expect(names(found)).toEqual(['a', 'b']);
		// The half-precision ones are not counted.
		expect(found.map(({ numbers }) => numbers)).toEqual([4 * 4 * 9 + 4, 4 * 4 * 9 + 4]);
	});

	test('a network that computes in 8 bits has no place for a cut: nothing of it could be trained', () => {
		const net = new Net();
		const scale = net.scalar(0.02);
		net.floats('zero', [], new Float32Array(1));
		net.op('QuantizeLinear', ['x', scale, 'zero'], 'q0');
		for (const [i, from] of [3, 4, 4].entries()) {
			const kernel = net.zeros([4, from, 1, 1]);
			net.op('QLinearConv', [`q${i}`, scale, 'zero', kernel, scale, 'zero', scale, 'zero'], `q${i + 1}`);
		}
		const model = readModel(net.end(net.op('DequantizeLinear', ['q3', scale, 'zero'], 'map'), 4));
		for (const tensor of model.graph.initializer) {
			if (tensor.name === scale) continue;
			const rawData = new Uint8Array(tensor.dims.reduce((a, b) => a * Number(b), 1));
			Object.assign(tensor, { floatData: [], rawData, dataType: DataType.UINT8 });
		}
		expect(cuts(writeModel(model), 'map')).toEqual([]);
	});

	test('operators of another domain are told from those of ONNX', () => {
		const net = new Net();
		net.conv(net.conv('x', 3, 4, 'a'), 4, 4, 'b');
		const model = readModel(net.end('b', 4));
		const last = model.graph.node.find(({ output }) => output.includes('b'));
		Object.assign(last ?? {}, { domain: 'com.microsoft', opType: 'FusedConv' });
		expect(cuts(writeModel(model))[0]?.operators).toEqual([
			'com.microsoft.FusedConv',
			'GlobalAveragePool',
			'Flatten'
		]);
	});

	test('features that are not there are said to be missing; those without a way from the picture have no cut', () => {
		const net = new Net();
		net.conv(net.conv('x', 3, 4, 'a'), 4, 4, 'b');
		const bytes = net.end('b', 4);
		expect(() => cutsOf(bytes, { input, features: 'other', map: null })).toThrow('no value called "other"');
		expect(() => cuts(bytes, 'nowhere')).toThrow('no value called "nowhere"');
		expect(cutsOf(bytes, { input, features: 'w0', map: null })).toEqual([]);
	});

	test('a graph of many operators is looked through in its stride', () => {
		const net = new Net();
		net.conv('x', 3, 3, 'v0');
		for (let i = 1; i <= 600; i++)
			net.op('Add', [`v${i - 1}`, net.conv(`v${i - 1}`, 3, 3, `c${i}`, { side: 1 })], `v${i}`);
		expect(cuts(net.end('v600', 3))).toHaveLength(600);
	});
});

describe('networks side by side', () => {
	function pair(stem: boolean): Uint8Array {
		const net = new Net();
		const picture = net.op('Add', ['x', net.scalar(-0.5)], 'shifted');
		const start = stem ? net.conv(picture, 3, 3, 'stem') : picture;
		for (const [side, depth] of [
			['left', 3],
			['right', 4]
		] as const) {
			for (let i = 0; i < depth; i++) {
				const from = i === 0 ? start : `${side}${i - 1}`;
				net.op('Relu', [net.conv(from, 2 + i + Number(i === 0), 3 + i, `${side}${i}/conv`)], `${side}${i}`);
			}
			net.op('GlobalAveragePool', [`${side}${depth - 1}`], `${side}/pooled`);
		}
		net.op('Concat', ['left/pooled', 'right/pooled'], 'both', { axis: 1 });
		net.op('Flatten', ['both'], 'features', { axis: 1 });
		net.output('features', ['N', 11]);
		return net.finish();
	}

	test('are cut together, counted from their ends', () => {
		const found = cuts(pair(false), 'left2');
		expect(names(found)).toEqual(['left0 + right1', 'left1 + right2']);
		expect(found[1]).toMatchObject({
			dims: [
				[4, size, size],
				[5, size, size]
			],
			numbers: 5 * 4 * 9 + 5 + 6 * 5 * 9 + 6,
			operators: ['Conv', 'Relu', 'GlobalAveragePool', 'Concat', 'Flatten']
		});
	});

	test('that begin with the same convolution are one, cut behind it', () => {
		expect(names(cuts(pair(true), 'left2'))).toEqual(['stem']);
	});
});
