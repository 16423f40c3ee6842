import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Trouble } from '../domain/trouble';
import { GraphBuilder } from './builder';
import { exposeOutputs } from './expose';
import { readInitializer } from './initializer';
import { readModel, writeModel } from './model';
import { TensorProto_DataLocation, TensorProto_DataType as DataType, TensorProtoSchema } from './onnx_pb';
import { readTensor } from './tensor';

function doubler(): Uint8Array {
	const builder = new GraphBuilder('doubler');
	const x = builder.input('x', ['N', 2]);
	const half = builder.halves('two', [1], Uint16Array.of(0x4000));
	builder.node('Mul', [x, half], {}, 'y');
	builder.node('LeakyRelu', ['y'], { alpha: { float: 0.5 } }, 'z');
	builder.output('z', ['N', 2]);
	return builder.finish({ doc: 'twice', metadata: { labels: '["a"]' } });
}

const troubleOf = (job: () => unknown): unknown => {
	try {
		return job();
	} catch (trouble) {
		return trouble;
	}
};

describe('what is built', () => {
	it('runs, with a batch of any size', async () => {
		const session = await InferenceSession.create(doubler());
		const { z } = await session.run({ x: new Tensor('float32', [1, -1, 2, -2, 3, -3], [3, 2]) });
		// z is float32, as declared
		expect([...(z?.data as Float32Array)]).toEqual([2, -1, 4, -2, 6, -3]);
	});

	it('comes back from reading and writing byte for byte', () => {
		const bytes = doubler();
		expect(writeModel(readModel(bytes))).toEqual(bytes);
		expect(readModel(bytes).metadataProps[0]).toMatchObject({ key: 'labels', value: '["a"]' });
	});

	it('refuses names that are unknown or given twice, and numbers that do not fill their shape', () => {
		const builder = new GraphBuilder('wrong');
		builder.input('x', [1]);
		expect(() => builder.input('x', [1])).toThrow('twice');
		expect(() => builder.node('Relu', ['nowhere'], {}, 'y')).toThrow('"nowhere"');
		expect(() => builder.output('y', [1])).toThrow('"y"');
		expect(() => builder.floats('w', [2, 2], new Float32Array(3))).toThrow(RangeError);
	});
});

describe('what is not a model', () => {
	it.each([
		['nothing', new Uint8Array()],
		['text', new TextEncoder().encode('<!doctype html><title>404</title>')],
		['zeros', new Uint8Array(64)]
	])('%s is said to be broken', (_, bytes) => {
		expect(troubleOf(() => readModel(bytes))).toMatchObject({ name: 'Trouble', code: 'onnx-broken' });
	});

	it('weights in a second file are said to be there', () => {
		const model = readModel(doubler());
		for (const tensor of model.graph.initializer) tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
		expect(troubleOf(() => readModel(writeModel(model)))).toMatchObject({ code: 'onnx-external' });
	});

	it('cut anywhere, filled with anything, it gives a Trouble and never hangs', () => {
		const whole = doubler();
		const broken = fc.oneof(
			fc.nat(whole.length).map((length) => whole.slice(0, length)),
			fc.uint8Array({ maxLength: 400 }),
			fc
				.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
				.map((edits) => {
					const bytes = whole.slice();
					for (const [at, value] of edits) bytes[at] = value;
					return bytes;
				})
		);
		fc.assert(
			fc.property(broken, (bytes) => {
				for (const job of [() => exposeOutputs(bytes), () => readInitializer(bytes, 'two/half')]) {
					const result = troubleOf(job);
					if (result instanceof Error) expect(result).toBeInstanceOf(Trouble);
				}
			}),
			{ seed: 7, numRuns: 600 }
		);
	});
});

describe('small files that would become large', () => {
	/** A field that is told by its length. */
	const field = (number: number, ...bytes: number[]) =>
		new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(Uint8Array.from(bytes)).finish();
	const times = (part: Uint8Array, count: number) => {
		const out = new Uint8Array(part.length * count);
		for (let i = 0; i < count; i++) out.set(part, i * part.length);
		return out;
	};
	const inside = (number: number, bytes: Uint8Array) =>
		new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(bytes).finish();
	const [graph, node, initializer] = [7, 1, 5];

	it.each([
		['half a million empty operators', inside(graph, times(field(node), 500_001))],
		['two million 64-bit numbers', inside(graph, inside(initializer, inside(1, new Uint8Array(2_000_001))))],
		['two million texts', inside(graph, inside(node, times(field(1), 2_000_001)))],
		['many whole numbers', inside(graph, inside(initializer, inside(5, new Uint8Array(32_000_001))))]
	])('%s are not opened', (_, bytes) => {
		expect(troubleOf(() => readModel(bytes))).toMatchObject({ name: 'Trouble', code: 'onnx-too-large' });
	});

	it('graphs inside of graphs, deeper than any stack', () => {
		let bytes = new Uint8Array();
		// A graph's node's attribute's graph, and so on.
		for (let i = 0; i < 3000; i++) bytes = inside([6, 5, 1][i % 3] ?? 1, bytes);
		expect(troubleOf(() => readModel(inside(graph, bytes)))).toMatchObject({ code: 'onnx-broken' });
	});

	it.each([
		['a length beyond the end', Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f)],
		[
			'a packed list beyond the end',
			inside(graph, inside(initializer, Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0x7f)))
		],
		['a message beyond the one it lies in', Uint8Array.of(0x3a, 0x02, 0x0a, 0x04, 0x12, 0x00, 0x12, 0x00)],
		['a field of another wire type', Uint8Array.of(0x3d, 0, 0, 0, 0)],
		['a group', Uint8Array.of(0x3b, 0x3c)]
	])('%s is said to be broken', (_, bytes) => {
		expect(troubleOf(() => readModel(bytes))).toMatchObject({ name: 'Trouble', code: 'onnx-broken' });
	});

	it('what the schema does not know is left out', () => {
		const whole = doubler();
		const more = new Uint8Array([...whole, ...field(1000, 1, 2, 3)]);
		expect(writeModel(readModel(more))).toEqual(whole);
	});
});

describe('constants', () => {
	const tensor = (fields: Omit<MessageInitShape<typeof TensorProtoSchema>, '$typeName'>) =>
		create(TensorProtoSchema, { name: 'w', dims: [2n], ...fields });

	it.each([
		['float field', { dataType: DataType.FLOAT, floatData: [1.5, -2] }],
		['float bytes', { dataType: DataType.FLOAT, rawData: new Uint8Array(Float32Array.of(1.5, -2).buffer) }],
		['half field', { dataType: DataType.FLOAT16, int32Data: [0x3e00, 0xc000] }],
		['half bytes', { dataType: DataType.FLOAT16, rawData: Uint8Array.of(0x00, 0x3e, 0x00, 0xc0) }],
		['double field', { dataType: DataType.DOUBLE, doubleData: [1.5, -2] }],
		['double bytes', { dataType: DataType.DOUBLE, rawData: new Uint8Array(Float64Array.of(1.5, -2).buffer) }]
	])('are read from a %s', (_, fields) => {
		expect(readTensor(tensor(fields))).toEqual({ dims: [2], data: Float32Array.of(1.5, -2) });
	});

	it('of whole numbers keep their sign, or have none', () => {
		const rawData = Uint8Array.of(255, 3);
		expect([...readTensor(tensor({ dataType: DataType.INT8, rawData })).data]).toEqual([-1, 3]);
		expect([...readTensor(tensor({ dataType: DataType.UINT8, rawData })).data]).toEqual([255, 3]);
		expect([...readTensor(tensor({ dataType: DataType.INT64, int64Data: [-5n, 6n] })).data]).toEqual([-5, 6]);
	});

	it('that are missing, too short or of another kind are said to be', () => {
		const short = tensor({ dataType: DataType.FLOAT, floatData: [1] });
		expect(troubleOf(() => readTensor(short))).toMatchObject({ code: 'onnx-broken' });
		const text = tensor({ dataType: DataType.STRING });
		expect(troubleOf(() => readTensor(text))).toMatchObject({ code: 'onnx-unsupported' });
		expect(troubleOf(() => readInitializer(doubler(), 'three'))).toMatchObject({ code: 'onnx-missing' });
	});

	it('are found in a file by name', () => {
		expect(readInitializer(doubler(), 'two/half')).toEqual({ dims: [1], data: Float32Array.of(2) });
	});
});
