import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Label } from '$lib/domain/project';
import { mergeLabels } from './merge-labels';

const label = (id: string, more: Partial<Label> = {}): Label => ({
	id,
	name: id,
	colour: 0,
	off: false,
	trashed: null,
	...more
});
const anyLabels = fc.uniqueArray(
	fc
		.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.string(), fc.nat(11), fc.boolean())
		.map(([id, name, colour, off]) => label(id, { name, colour, off })),
	{ selector: ({ id }) => id }
);

test('where only one changed something, its labels are the result, order included', () => {
	fc.assert(
		fc.property(anyLabels, anyLabels, (base, wanted) => {
			expect(mergeLabels(base, wanted, base)).toEqual(wanted);
			expect(mergeLabels(base, base, wanted)).toEqual(wanted);
			expect(mergeLabels(base, wanted, wanted)).toEqual(wanted);
		}),
		{ seed: 1 }
	);
});

test('whatever both did, no label is doubled, added ones are there and removed ones are not', () => {
	const ids = (labels: readonly Label[]) => labels.map(({ id }) => id);
	fc.assert(
		fc.property(anyLabels, anyLabels, anyLabels, (base, wanted, current) => {
			const merged = ids(mergeLabels(base, wanted, current));
			const [was, want, is] = [ids(base), ids(wanted), ids(current)];
			const expected = [...new Set([...was, ...want, ...is])].filter((id) =>
				was.includes(id) ? want.includes(id) && is.includes(id) : true
			);
			expect([...merged].sort()).toEqual(expected.sort());
		}),
		{ seed: 2 }
	);
});

test('each keeps the fields it changed, the wanted ones win, and new labels stand where they were put', () => {
	const base = [label('a'), label('b'), label('c')];
	const wanted = [label('a', { name: 'Daisy' }), label('new'), label('b'), label('c', { colour: 3 })];
	const current = [
		label('c', { colour: 5, off: true }),
		label('a', { colour: 2 }),
		label('b'),
		label('other')
	];
	expect(mergeLabels(base, wanted, current)).toEqual([
		label('c', { colour: 3, off: true }),
		label('a', { name: 'Daisy', colour: 2 }),
		label('new'),
		label('b'),
		label('other')
	]);
});
