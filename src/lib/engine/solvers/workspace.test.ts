import { expect, test } from 'vitest';
import { assembled } from '../../../../scripts/kernels';
import { Random } from '../../domain/random';
import kernelsFile from './kernels-wasm.ts?raw';
import { FLOAT_BYTES, fourRows, Workspace } from './workspace';

test('what runs is assembled from kernels.wat', async () => {
	expect(kernelsFile).toBe(await assembled());
});

test.each([1, 2, 7, 256])('the loops agree with plain ones on rows of %i', (length) => {
	const workspace = new Workspace(6 * length + 4);
	const [x, rows, four] = [workspace.take(length), workspace.take(5 * length), workspace.take(4)];
	const random = new Random(length);
	for (const block of [x, rows]) block.values.forEach((_, i) => (block.values[i] = random.next() - 0.5));
	const row = (k: number) => [...rows.values.subarray(k * length, (k + 1) * length)];

	// Four of the last three rows: the last one stands in for the fourth.
	const starts = fourRows(rows.address + 2 * length * FLOAT_BYTES, 3, length * FLOAT_BYTES);
	workspace.kernels.dotFour(x.address, ...starts, length, four.address);
	[2, 3, 4, 4].forEach((k, i) => {
		const product = row(k).reduce((sum, value, j) => sum + value * (x.values[j] ?? 0), 0);
		expect(four.values[i]).toBeCloseTo(product, 12);
	});

	four.values.set([1, -2, 0.5, 0]);
	const before = [...x.values];
	workspace.kernels.addFour(x.address, ...starts, length, four.address);
	before.forEach((value, j) => {
		const sum = value + (row(2)[j] ?? 0) - 2 * (row(3)[j] ?? 0) + 0.5 * (row(4)[j] ?? 0);
		expect(x.values[j]).toBeCloseTo(sum, 12);
	});

	const other = rows.address + length * FLOAT_BYTES;
	const now = [...x.values];
	const product = now.reduce((sum, value, j) => sum + value * (row(1)[j] ?? 0), 0);
	expect(workspace.kernels.dot(x.address, other, length)).toBeCloseTo(product, 12);
	workspace.kernels.addScaled(x.address, other, length, -0.7);
	now.forEach((value, j) => expect(x.values[j]).toBeCloseTo(value - 0.7 * (row(1)[j] ?? 0), 12));
});

test('a released memory serves again, as zeros, and one in use is left alone', () => {
	const first = new Workspace(100);
	const used = new Workspace(10);
	const kept = used.take(10);
	kept.values.fill(3);
	const before = first.take(100);
	before.values.fill(7);
	first.release();
	const again = new Workspace(100).take(100);
	expect(again.values.buffer).toBe(before.values.buffer);
	expect(again.values.every((value) => value === 0)).toBe(true);
	expect(kept.values.every((value) => value === 3)).toBe(true);
});

test('a released memory grows for a larger one; one that is too large is not kept', () => {
	const small = new Workspace(100);
	const gone = small.take(100);
	small.release();
	const large = new Workspace(2 ** 23);
	const block = large.take(2 ** 23);
	expect(gone.values.length).toBe(0); // detached: the same memory, grown
	large.release();
	expect(new Workspace(100).take(100).values.buffer).not.toBe(block.values.buffer);
});
