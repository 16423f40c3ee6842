import 'fake-indexeddb/auto';
import { afterEach, expect, test } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import type { FineTuneConfig } from '$lib/domain/training';
import { deleteDatabase } from '$lib/storage/database';
import { keepTuning, projectsWithRows, putRows, readRows, readTuning } from '$lib/storage/training';
import { begin, begunBefore, fellAgain, settle, takenUp, tidyAll } from './kept-tuning';

afterEach(() => deleteDatabase());

const config: FineTuneConfig = {
	...{ kind: 'fine-tune', seed: 1, blocks: 2, epochs: 20, batch: 32, learningRate: 0.001 }
};
const wanted = { projectId: 'p', from: 'mark', backbone: 'b' };
const keep = (saved = 5) => keepTuning({ ...wanted, config, started: 1, saved, state: { at: saved } });

test('nothing broke off: nothing goes on', async () => {
	expect(await takenUp(wanted)).toBeNull();
	expect(await begunBefore(wanted, config)).toBeNull();
});

test('what broke off before it stood anywhere begins anew, as the project is opened', async () => {
	await begin(wanted, config, 7);
	expect(await takenUp(wanted)).toMatchObject({ config, started: 7, state: null });
});

test('what broke off goes on as often as it got on, and three times where it did not', async () => {
	await keep();
	for (let times = 0; times < 3; times++) {
		expect((await takenUp(wanted))?.state).toEqual({ at: 5 });
		// From the second time on it keeps clear of the graphics processor.
		expect(fellAgain(await begunBefore(wanted, config))).toBe(times > 0);
	}
	await expect(takenUp(wanted)).rejects.toMatchObject({ message: expect.stringContaining('several times') });
	// Whoever presses Train goes on with it all the same.
	expect((await begunBefore(wanted, config))?.state).toEqual({ at: 5 });
	await keep(6);
	expect((await takenUp(wanted))?.state).toEqual({ at: 6 });
	expect(fellAgain(await begunBefore(wanted, config))).toBe(false);
});

test('a project that is left and opened again does not count as one that broke off', async () => {
	await keep();
	for (let times = 0; times < 8; times++) {
		expect(await takenUp(wanted)).not.toBeNull();
		await settle('p', { kind: 'left' });
	}
});

test('what killed pages had put aside goes, of projects that are not opened too; where they stood stays', async () => {
	await keep();
	for (const id of ['p', 'q', 'r'])
		await putRows(
			id,
			[1, 0].map((row) => ({ row, halves: Uint16Array.of(1) }))
		);
	expect(await projectsWithRows()).toEqual(['p', 'q', 'r']);
	await tidyAll(new AbortController().signal);
	expect(await projectsWithRows()).toEqual([]);
	expect(await readTuning('p')).not.toBeNull();
});

test('what was stopped waits for the person; taken up then, it goes on unasked after it broke off', async () => {
	await keep();
	await settle('p', { kind: 'stopped' });
	for (let visit = 0; visit < 5; visit++) expect(await takenUp(wanted)).toBeNull();
	expect((await begunBefore(wanted, config))?.state).toEqual({ at: 5 });
	expect((await takenUp(wanted))?.state).toEqual({ at: 5 });
});

test('what was stopped before it stood anywhere is let go', async () => {
	await begin(wanted, config, 7);
	await settle('p', { kind: 'stopped' });
	expect(await readTuning('p')).toBeNull();
});

test('what was stopped is let go where other photos are to be learned from', async () => {
	await keep();
	await settle('p', { kind: 'stopped' });
	expect(await begunBefore({ ...wanted, from: 'another mark' }, config)).toBeNull();
	expect(await readTuning('p')).toBeNull();
});

test.each([
	['other photos', { ...wanted, from: 'another mark' }],
	['another network', { ...wanted, backbone: 'c' }]
])('of %s it cannot go on, and is let go', async (_, other) => {
	await keep();
	await expect(takenUp(other)).rejects.toMatchObject({
		message: expect.stringContaining('have changed since')
	});
	expect(await readTuning('p')).toBeNull();
	await keep();
	expect(await begunBefore(other, config)).toBeNull();
	expect(await readTuning('p')).toBeNull();
});

test('other settings begin anew', async () => {
	await keep();
	expect(await begunBefore(wanted, { ...config, blocks: 1 })).toBeNull();
	expect(await readTuning('p')).toBeNull();
});

test.each([
	['done', { kind: 'done' }, false],
	['stopped', { kind: 'stopped' }, true],
	['left', { kind: 'left' }, true],
	['a full disk', { kind: 'failed', cause: new Trouble('storage-full', 'full') }, true],
	['a worker that died', { kind: 'failed', cause: new Trouble('training-stopped', 'died') }, true],
	['what does not fit', { kind: 'failed', cause: new Trouble('training-kept-wrong', 'other') }, false],
	['another answer', { kind: 'failed', cause: new Trouble('finetune-differs', 'other') }, false],
	['no number', { kind: 'failed', cause: new Trouble('training-diverged', 'NaN') }, false],
	['a photo that is gone', { kind: 'failed', cause: new Trouble('photo-gone', 'gone') }, false]
] as const)('after %s: where it stood is kept or not, what was put aside goes', async (_, ending, kept) => {
	await keep();
	await putRows('p', [{ row: 0, halves: Uint16Array.of(1) }]);
	await settle('p', ending);
	expect((await readTuning('p')) !== null).toBe(kept);
	await expect(readRows('p', [0])).rejects.toMatchObject({ code: 'activations-gone' });
});
