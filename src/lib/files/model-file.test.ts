/** Files of fine-tuned models, run by onnxruntime-node, against the network with the same numbers in it. */
import { Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { backbones } from '../../../models/catalog';
import { realBackbones } from '../../../tests/fixtures/backbones';
import { taughtFile, taughtModel } from '../../../tests/fixtures/model-file';
import { answersInRuntime } from '../../../tests/fixtures/onnx';
import { tailOf } from '../../../tests/fixtures/tuned';
import { answerOf } from '../domain/answer';
import { Random } from '../domain/random';
import { replaceConstants } from '../onnx/replace';

const own = realBackbones.flatMap(({ name, read }) => {
	const card = backbones.find(({ id }) => id === name);
	return card ? [{ name, card, read }] : [];
});
const nothing = new Float32Array();

/** Largest difference. */
const off = (a: Float32Array = nothing, b: Float32Array = nothing) =>
	a.length === b.length && a.length > 0 ? Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? NaN)))) : NaN;

describe.each(own)('a model fine-tuned on $name', ({ card, read }) => {
	const backbone = read();
	const tail = tailOf(backbone);
	const file = Uint8Array.from(backbone.bytes).buffer;
	const { size } = card.input;
	const random = new Random(3);
	const picture = Float32Array.from({ length: 3 * size ** 2 }, () => random.next());
	const input = new Tensor('float32', picture, [1, 3, size, size]);
	const answers = (bytes: Uint8Array, name: string) => answersInRuntime(bytes, { [name]: input });
	const features = async (bytes: Uint8Array) =>
		(await answers(bytes, backbone.input.name))[backbone.outputs.features.name] ?? nothing;

	test('answers as the head does of the features of the network with its numbers', async () => {
		const [plain, tuned] = [
			await features(backbone.bytes),
			await features(replaceConstants(backbone.bytes, tail))
		];
		const { bytes } = taughtFile(file, card, { tail });
		const answer = await answers(bytes, 'image');
		expect(off(answer.features, tuned)).toBeLessThan(1e-3);
		expect(off(answer.features, plain)).toBeGreaterThan(0.05);
		const model = taughtModel(card);
		const { probabilities, above } = answerOf(model, tuned);
		expect(off(answer.probabilities, probabilities)).toBeLessThan(1e-3);
		expect((answer.familiarity?.[0] ?? NaN) - (model.gate?.threshold ?? NaN)).toBeCloseTo(above, 3);
	});

	test.each([
		['fp16', 0.02],
		['int8', 0.35]
	] as const)('in %s runs, and is nearly that', async (precision, share) => {
		const [whole, small] = [taughtFile(file, card, { tail }), taughtFile(file, card, { tail, precision })];
		expect(small.bytes.length).toBeLessThan(whole.bytes.length);
		// What was trained is as small as the rest.
		expect(small.bytes.length).toBeLessThan(1.01 * taughtFile(file, card, { precision }).bytes.length);
		const [before, after] = [await answers(whole.bytes, 'image'), await answers(small.bytes, 'image')];
		const differences = before.features?.map((x, i) => x - (after.features?.[i] ?? NaN)) ?? [NaN];
		const difference = Math.hypot(...differences) / Math.hypot(...(before.features ?? []));
		expect(difference).toBeGreaterThan(0);
		expect(difference).toBeLessThan(share);
		expect(after.probabilities?.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
	});

	test('with layers of another network is no file', () => {
		const [first] = tail.keys();
		const other = (dims: number[], name = first ?? '') => {
			const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
			return () => taughtFile(file, card, { tail: new Map([[name, { dims, data }]]) });
		};
		expect(other([2], 'no such constant')).toThrow(expect.objectContaining({ code: 'onnx-missing' }));
		expect(other([2, 2])).toThrow(RangeError);
	});
});
