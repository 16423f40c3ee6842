/** Networks that the app makes itself: found like others, read without a network, and in files of models as any other. */
import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { Tensor } from 'onnxruntime-node';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { backbones } from '$models/catalog';
import { lectureCard, madeCards } from '$models/made';
import { taughtFile, taughtModel } from '../../../tests/fixtures/model-file';
import { answersInRuntime } from '../../../tests/fixtures/onnx';
import { answerOf } from '../domain/answer';
import { Random } from '../domain/random';
import { begun, lecturePlan } from '../engine/fine-tune/scratch';
import { replaceConstants } from '../onnx/replace';
import { cardById, groundOf } from './cards';
import { openFile } from './engine-parts';
import { isMade, openMade } from './made';

const sha256 = (bytes: ArrayBuffer) => createHash('sha256').update(new Uint8Array(bytes)).digest('hex');

afterEach(() => void vi.unstubAllGlobals());

test.each(madeCards)(
	'$id is found, and read without a network, with the SHA-256 that its card tells',
	async (card) => {
		vi.stubGlobal('fetch', () => expect.unreachable('the network was asked'));
		expect(cardById(card.id)).toBe(card);
		for (const facts of [card.file, card.labels]) {
			expect(isMade(facts)).toBe(true);
			const { bytes, kept } = await openFile(facts, { base: '' });
			expect({ sha256: sha256(bytes), bytes: bytes.byteLength, kept }).toEqual({
				...{ sha256: facts.sha256, bytes: facts.bytes, kept: true }
			});
		}
	}
);

test('what is on the shelf is none of them, and no project begins on one', () => {
	const ids = backbones.map(({ id }) => id);
	expect(madeCards.filter(({ id }) => ids.includes(id))).toEqual([]);
	expect(backbones.some(({ file }) => isMade(file))).toBe(false);
	const { id, name, source, licence, attribution, file } = lectureCard(32);
	const own = {
		...{ ...lectureCard(32), id: 'own', delivery: 'own' as const },
		taught: { backbone: { id, name, source, licence, attribution, sha256: file.sha256 } }
	} as Parameters<typeof groundOf>[0]; // as much of it as is read
	expect(groundOf(own).delivery).toBe('embedded');
	// One that came as a file knows somebody else's few photos.
	expect(groundOf({ ...own, delivery: 'file' }).delivery).toBe('embedded');
});

describe('a model that learned from scratch', () => {
	const card = lectureCard(32);
	const { program } = begun(lecturePlan(32).program, { seed: 9, classes: 3 });
	const tail = program.parameters;
	const random = new Random(3);
	const picture = Float32Array.from({ length: 3 * 32 ** 2 }, () => random.next());
	const answers = (bytes: Uint8Array, name: string, numbers: Float32Array) =>
		answersInRuntime(bytes, { [name]: new Tensor('float32', numbers, [1, 3, 32, 32]) });

	test.each([
		['fp32', 1e-3],
		['fp16', 5e-3],
		['int8', 0.2]
	] as const)(
		'is a file in %s that takes a picture and answers as its head does of its network',
		async (precision, most) => {
			const { bytes: backbone } = await openMade(card.file);
			const { bytes } = taughtFile(backbone, card, { tail, precision });
			const { probabilities } = await answers(bytes, 'image', picture);
			const network = replaceConstants(new Uint8Array(backbone), tail);
			const seen = picture.map((x) => (x - 0.5) / 0.5);
			const { features = new Float32Array() } = await answers(network, 'image', seen);
			const wanted = answerOf(taughtModel(card), features).probabilities;
			expect(probabilities).toHaveLength(3);
			probabilities?.forEach((p, i) => expect(Math.abs(p - (wanted[i] ?? NaN))).toBeLessThan(most));
		}
	);
});
