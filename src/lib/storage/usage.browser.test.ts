/** A disk that is really full, and what the browser says of it. */
import { afterEach, expect, test, vi } from 'vitest';
import { bytesOf, dump, page, photo, photos, project } from './suite/page';

interface Buckets {
	open(name: string, options: { quota: number }): Promise<{ indexedDB: IDBFactory }>;
	delete(name: string): Promise<void>;
}
// Chromium's Storage Buckets; TypeScript does not know them yet.
const { storageBuckets } = navigator as unknown as { storageBuckets: Buckets };

afterEach(async () => {
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
	await (await page()).deleteDatabase();
	await storageBuckets.delete('small');
});

test('photos that do not fit are refused with sizes, and what was there stays', async () => {
	const { indexedDB } = await storageBuckets.open('small', { quota: 2e6 });
	await (await page()).deleteDatabase();
	vi.stubGlobal('indexedDB', indexedDB);
	const here = await page();
	await here.addProject(project());
	await here.addPhotos(photos(1, 3));
	const before = await dump(here);
	const picture = { bytes: bytesOf(1, 6e6), type: 'image/jpeg' };
	await expect(here.addPhotos([photo(4), { ...photo(5), picture }, photo(6)])).rejects.toMatchObject({
		code: 'storage-full',
		message: expect.stringMatching(/Lensmith keeps \d+ MB there/)
	});
	expect(await dump(await page())).toEqual(before);
	await here.addPhotos(photos(4, 6));
	expect(await here.listPhotos('p')).toHaveLength(6);
});

test('what is used is told, and whether more will fit in what the browser says', async () => {
	const here = await page();
	await here.addProject(project());
	expect(await here.storageUsage()).toMatchObject({ used: expect.any(Number), quota: expect.any(Number) });
	vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ usage: 10e6, quota: 100e6 });
	vi.spyOn(navigator.storage, 'persisted').mockResolvedValue(true);
	expect(await here.storageUsage()).toEqual({ used: 10e6, quota: 100e6, persisted: true });
	expect(await here.roomFor(1e6)).toBe(true);
	expect(await here.roomFor(80e6)).toBe(false);
});

test('a browser that does not say how much is left is taken at its best', async () => {
	const here = await page();
	vi.spyOn(navigator.storage, 'estimate').mockRejectedValue(new TypeError('refused'));
	expect(await here.storageUsage()).toBeNull();
	expect(await here.roomFor(1e15)).toBe(true);
});

test('the browser is asked to persist once a session, and its refusal is no error', async () => {
	const here = await page();
	const persist = vi.spyOn(navigator.storage, 'persist').mockRejectedValue(new TypeError('refused'));
	expect(await Promise.all([here.askToPersist(), here.askToPersist()])).toEqual([false, false]);
	expect(await here.askToPersist()).toBe(false);
	expect(persist).toHaveBeenCalledOnce();
});
