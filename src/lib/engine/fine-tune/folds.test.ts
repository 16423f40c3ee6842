import { describe, expect, it } from 'vitest';
import { bestPlace, judgedBy, meanEpoch, sharesAt, type Fold } from './folds';

/** Two photos of label 0 and 1 a fold; at each epoch both have the margin given for their right label. */
function foldsOf(margins: readonly (readonly [epoch: number, margin: number])[][]): Fold[] {
	return margins.map((looks, fold) => ({
		held: [2 * fold, 2 * fold + 1],
		epochs: [],
		looks: looks.map(([epoch, margin]) => ({
			...{ epoch, share: 1 },
			logits: Float32Array.of(margin, 0, 0, margin),
			similarity: Float32Array.of(epoch, epoch),
			energies: Float32Array.of(-epoch, -epoch)
		}))
	}));
}
const set = (folds: number) => ({
	targets: Int32Array.from({ length: 2 * folds }, (_, i) => i % 2),
	classes: 2
});

/** Of label 0 each: what the network says for its label, at each of three epochs. */
const ofOne = (logits: readonly (readonly number[])[]): Fold[] => [
	{
		held: logits.map((_, i) => i),
		epochs: [],
		looks: [0, 1, 2].map((at) => ({
			...{ epoch: at + 1, share: 1 },
			logits: Float32Array.from(logits.flatMap((own) => [own[at] ?? NaN, 0])),
			similarity: new Float32Array(logits.length),
			energies: new Float32Array(logits.length)
		}))
	}
];
const oneLabel = (photos: number) => ({ targets: new Int32Array(photos), classes: 2 });

describe('how far it is best to go', () => {
	const bestEpoch = (...asked: Parameters<typeof bestPlace>) => bestPlace(...asked).epoch;

	it('is as many as there are while more do no harm', () => {
		expect(bestEpoch(ofOne(Array(8).fill([1, 2, 3])), oneLabel(8))).toBe(3);
		// The last loses a little, and not on every photo.
		const photos = Array.from({ length: 8 }, (_, i) => [1, 2, i % 2 ? 2.2 : 1.75]);
		expect(bestEpoch(ofOne(photos), oneLabel(8))).toBe(3);
	});

	it('is less where photos are learned by heart: more of them are wrong, and surely', () => {
		const photos = Array.from({ length: 40 }, (_, i) => [1, 2, i % 3 ? 2.5 : -2.5]);
		expect(bestEpoch(ofOne(photos), oneLabel(40))).toBe(2);
	});

	it('is not swayed by how sure a network is, only by what it tells apart', () => {
		const photos = Array.from({ length: 40 }, (_, i) => [i % 4 ? 1 : -1, i % 4 ? 1 : -1, i % 8 ? 40 : -40]);
		expect(bestEpoch(ofOne(photos), oneLabel(40))).toBe(3);
	});
});

it('a place is an epoch and a share of what was learned until then', () => {
	const photos = Array.from({ length: 40 }, (_, i) => [1, 2, i % 3 ? 2.5 : -2.5]);
	const [fold] = ofOne(photos);
	const looks = fold?.looks.map((look, i) => ({ ...look, epoch: 3, share: (i + 1) / 3 })) ?? [];
	const folds = [{ held: photos.map((_, i) => i), epochs: [], looks }];
	expect(bestPlace(folds, oneLabel(40))).toEqual({ epoch: 3, share: 2 / 3 });
});

it('a photo is judged at the place that the other folds found', () => {
	const [first, last] = [
		[
			[1, 3],
			[2, -3]
		],
		[
			[1, -3],
			[2, 3]
		]
	] as const;
	// Fold 0 would be better with one epoch, and is judged with two, as the others are best so.
	const { similarity, energies, logits, judged } = judgedBy(
		foldsOf([[...first], [...last], [...last]]),
		set(4) // the last two photos are never held out
	);
	expect([...similarity.subarray(0, 2)]).toEqual([2, 2]);
	expect([...energies.subarray(0, 2)]).toEqual([-2, -2]);
	expect([...logits.subarray(0, 4)]).toEqual([-3, 0, 0, -3]);
	expect([...judged]).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
	expect([...logits.subarray(12)]).toEqual([0, 0, 0, 0]);
});

it('asks at each quarter of what was learned in the end', () => {
	const asked = (epoch: number) => sharesAt(epoch, { epochs: 20, last: epoch === 20, anew: false });
	expect([5, 19, 20].map(asked)).toEqual([[], [], [0.25, 0.5, 0.75, 1]]);
	expect(sharesAt(3, { epochs: 20, last: true, anew: false })).toHaveLength(4);
});

it('of what began with nothing asks after each quarter of its epochs, or each of few', () => {
	const asked = (epochs: number) =>
		Array.from({ length: epochs }, (_, i) => i + 1).filter(
			(epoch) => sharesAt(epoch, { epochs, last: epoch === epochs, anew: true }).length > 0
		);
	expect(sharesAt(3, { epochs: 20, last: true, anew: true })).toEqual([1]);
	expect(asked(20)).toEqual([5, 10, 15, 20]);
	expect(asked(10)).toEqual([3, 5, 8, 10]);
	expect(asked(3)).toEqual([1, 2, 3]);
	expect(asked(1)).toEqual([1]);
});

it('a curve is the mean of the folds that have come so far', () => {
	const epoch = (epoch: number, loss: number, validationLoss: number | null) => ({
		...{ epoch, loss, accuracy: loss / 2 },
		...{ validationLoss, validationAccuracy: validationLoss && validationLoss / 2 }
	});
	const curves = [[epoch(1, 1, 4), epoch(2, 0.5, 2)], [epoch(1, 3, 2)]];
	expect(meanEpoch(curves, 1)).toEqual(epoch(1, 2, 3));
	expect(meanEpoch(curves, 2)).toEqual(epoch(2, 0.5, 2));
	expect(meanEpoch([[epoch(1, 1, null)]], 1)).toEqual(epoch(1, 1, null));
});
