import { expect, test } from 'vitest';
import { counter } from './keeping';
import { dump, halves, page, project, tuning as standing } from './page';

export function tuning(): void {
	const rows = (...some: number[]) => some.map((row) => ({ row, halves: halves(row) }));

	test('rows come back in the order asked for, of each project its own', async () => {
		const here = await page();
		await here.putRows('p', rows(0, 1, 2));
		await here.putRows('p', rows(10, 300));
		await here.putRows('q', [{ row: 1, halves: halves(9) }]);
		const next = await page();
		const wanted = [300, 1, 10, 1, 0];
		expect(await next.readRows('p', wanted)).toEqual(wanted.map(halves));
		expect(await next.readRows('q', [1])).toEqual([halves(9)]);
		await next.putRows('p', [{ row: 1, halves: halves(8) }]);
		expect(await next.readRows('p', [1, 2])).toEqual([halves(8), halves(2)]);
		expect(await next.readRows('p', [])).toEqual([]);
	});

	test('of a view into a larger buffer only the row is kept', async () => {
		const here = await page();
		const batch = new Uint16Array([1, 2, 3, 4, 5, 6]);
		await here.putRows('p', [{ row: 0, halves: batch.subarray(2, 4) }]);
		const [kept] = await here.readRows('p', [0]);
		expect([...(kept ?? [])]).toEqual([3, 4]);
		expect(kept?.buffer.byteLength).toBe(4);
	});

	test('a row that is not there is told of in words', async () => {
		const here = await page();
		await here.putRows('p', rows(0, 1));
		await here.putRows('q', rows(2));
		const gone = { code: 'activations-gone', message: expect.stringContaining('Train again') };
		await expect(here.readRows('p', [0, 2])).rejects.toMatchObject(gone);
		await here.dropRows('p');
		await expect(here.readRows('p', [0])).rejects.toMatchObject(gone);
		expect(await here.readRows('q', [2])).toEqual([halves(2)]);
	});

	test('where a training stands is there on the next visit, the last of each project', async () => {
		const here = await page();
		await here.keepTuning(standing());
		await here.keepTuning(standing('q', { from: 'f01' }));
		await here.keepTuning(standing('p', { saved: 9000, state: [new Uint8Array([3]), null] }));
		const next = await page();
		expect(await next.readTuning('p')).toEqual(
			standing('p', { saved: 9000, state: [new Uint8Array([3]), null] })
		);
		expect(await next.readTuning('q')).toEqual(standing('q', { from: 'f01' }));
		await next.dropTuning('p');
		expect(await next.readTuning('p')).toBeNull();
		expect(await next.readTuning('q')).not.toBeNull();
		await next.dropTuning('p');
	});

	test('what cannot be kept is refused in words, and what was kept stays', async () => {
		const here = await page();
		await here.keepTuning(standing());
		const kept = here.keepTuning(standing('p', { state: () => 'no data' }));
		await expect(kept).rejects.toMatchObject({ code: 'not-saved' });
		expect(await here.readTuning('p')).toEqual(standing());
	});

	test('a copy of a project has none of it', async () => {
		const here = await page();
		await here.addProject(project());
		await here.putRows('p', rows(0));
		await here.keepTuning(standing());
		await here.duplicateProject('p', { id: 'c', name: 'Copy', now: 9000, newId: counter() });
		const kept = (await dump(here)).filter((line) => /^\["(activations|standings)"/.test(line));
		expect(kept).toHaveLength(2);
		expect(kept.every((line) => line.includes('"p"'))).toBe(true);
	});
}
