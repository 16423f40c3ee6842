import { expect, test } from 'vitest';
import type { BackboneCard } from '$lib/domain/card';
import { SURE_FROM, taughtSureFrom } from '$lib/domain/prediction';
import { backbones } from '$models/catalog';
import { byBackbone } from './answerers';

const network = backbones[0]!; // there is one
const engine = {
	classify: () => Promise.reject(new Error('not asked')),
	whenReady: () => Promise.resolve()
};

/** From which probability on an answer of a model of so many labels is named. */
function sureFrom(count: number, facts: Partial<BackboneCard> = {}): number {
	const card = { ...network, ...facts, labels: { ...network.labels, count } };
	return byBackbone(engine, () => card).sureFrom;
}

test.each(backbones.map(({ name, labels }) => [name, labels.count] as const))(
	'%s names an answer from the same probability as ever',
	(_, count) => {
		expect(sureFrom(count)).toBe(SURE_FROM);
	}
);

test.each([2, 3, 10, 50])('of %i labels an answer must be likelier, whoever made the model', (count) => {
	const expected = taughtSureFrom(count, false);
	expect(expected).toBeGreaterThan(0.5);
	expect(sureFrom(count, { delivery: 'file', outputs: null })).toBe(expected);
});

test('a gate that a taught model brings along is the only rule', () => {
	const taught = {} as BackboneCard['taught']; // that it is there is all that counts
	const outputs = network.outputs && { ...network.outputs, familiarity: { name: 'f', threshold: 0 } };
	expect(sureFrom(2, { taught, outputs })).toBe(0);
	expect(sureFrom(2, { taught })).toBe(taughtSureFrom(2, false));
});
