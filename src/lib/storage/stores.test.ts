import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Settings } from './settings';

/** A fresh page on the disk that is there. */
async function page() {
	vi.resetModules();
	const [database, settings, errors, downloads] = await Promise.all([
		import('./database'),
		import('./settings'),
		import('./errors'),
		import('./downloads')
	]);
	const append = async (sha256: string, offset: number, etag: string | null, ...bytes: number[]) => {
		const writer = new downloads.ChunkWriter(sha256, offset, etag);
		await writer.add(new Uint8Array(bytes));
		await writer.flush();
	};
	return { ...database, ...settings, ...errors, ...downloads, append };
}
beforeEach(() => void vi.stubGlobal('indexedDB', new IDBFactory()));

test('settings have defaults, change one by one, and are there on the next visit', async () => {
	const first = await page();
	expect(await first.readSettings()).toEqual({
		backboneId: null,
		backend: 'auto',
		crop: 'centre',
		cameraId: null,
		facing: 'environment',
		mirrorFront: true,
		maxFps: 15,
		threads: null,
		keepLearning: true,
		captureRate: 4,
		captureBurst: 20,
		captureTimer: 0
	} satisfies Settings);
	await first.writeSettings({ backboneId: 'duo', maxFps: 5 });
	await first.writeSettings({ maxFps: 8 });
	expect(await (await page()).readSettings()).toMatchObject({ backboneId: 'duo', maxFps: 8, crop: 'centre' });
});

test('kept settings that make no sense give way to defaults', async () => {
	const { withDatabase, readSettings, defaultSettings } = await page();
	await withDatabase(async (database) => {
		await database.put('settings', 'cuda', 'backend');
		await database.put('settings', Infinity, 'maxFps');
		await database.put('settings', 11, 'captureRate');
		await database.put('settings', 1, '__proto__');
		await database.put('settings', 'whole', 'crop');
	});
	const settings = await readSettings();
	expect(settings).toMatchObject({ backend: 'auto', maxFps: 15, crop: 'whole' });
	expect(Object.keys(settings)).toEqual(Object.keys(defaultSettings));
});

test('a setting that the full disk refuses holds for the session, and says so', async () => {
	const { readSettings, writeSettings } = await page();
	const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
		throw new DOMException('full', 'QuotaExceededError');
	});
	await expect(writeSettings({ crop: 'whole' })).rejects.toMatchObject({ code: 'settings-unsaved' });
	put.mockRestore();
	expect((await readSettings()).crop).toBe('whole');
	expect((await (await page()).readSettings()).crop).toBe('centre');
});

test('the last fifty errors are kept, oldest first, without pictures in them', async () => {
	const { noteError, lastErrors } = await page();
	for (let n = 1; n <= 53; n++) await noteError('look', new Error(`number ${n}`), n);
	const notes = await lastErrors();
	expect(notes).toHaveLength(50);
	expect(notes[0]).toEqual({ time: 4, where: 'look', message: 'Error: number 4' });
	await noteError('photo', `cannot load data:image/png;base64,${'A'.repeat(9999)} twice`, 99);
	expect((await lastErrors()).at(-1)?.message).toBe('cannot load data:… twice');
});

test('pieces of a download add up, are read back in order, and are cleared for that file only', async () => {
	const { append, receivedChunks, joinChunks, clearChunks } = await page();
	expect(await receivedChunks('a')).toEqual({ bytes: 0, etag: null });
	await append('a', 0, '"v1"', 1, 2, 3);
	await append('b', 0, null, 9);
	await append('a', 3, '"v1"', 4, 5);
	expect(await (await page()).receivedChunks('a')).toEqual({ bytes: 5, etag: '"v1"' });
	expect(new Uint8Array((await joinChunks('a', 5)) ?? [])).toEqual(new Uint8Array([1, 2, 3, 4, 5]));
	await clearChunks('a');
	expect(await receivedChunks('a')).toEqual({ bytes: 0, etag: null });
	expect((await receivedChunks('b')).bytes).toBe(1);
});

test('pieces with a gap, an overlap or a wrong sum are not a file', async () => {
	const { append, joinChunks } = await page();
	await append('gap', 0, null, 1);
	await append('gap', 2, null, 3);
	expect(await joinChunks('gap', 3)).toBeNull();
	await append('lap', 0, null, 1, 2);
	await append('lap', 1, null, 2, 3);
	expect(await joinChunks('lap', 3)).toBeNull();
	await append('sum', 0, null, 1, 2);
	expect(await joinChunks('sum', 3)).toBeNull();
	expect(await joinChunks('sum', 1)).toBeNull();
});
