/** Its own file: the memory database replaces IndexedDB for good. In a browser, where the real one must give way. */
import { expect, test, vi } from 'vitest';

test('where the browser has no storage, all works for the session and the person is told', async () => {
	vi.stubGlobal('indexedDB', undefined);
	const { readSettings, writeSettings } = await import('./settings');
	const { storageHealth } = await import('./health');
	const { lastErrors, noteError } = await import('./errors');
	const { withDatabase } = await import('./database');
	expect(await readSettings()).toMatchObject({ backboneId: null, maxFps: 15 });
	await writeSettings({ maxFps: 10 });
	expect((await readSettings()).maxFps).toBe(10);
	expect(await withDatabase((database) => database.get('settings', 'maxFps'))).toBe(10);
	await noteError('camera', new Error('gone'));
	expect(await lastErrors()).toMatchObject([{ where: 'camera', message: 'Error: gone' }]);
	expect(storageHealth()).toMatchObject({
		persistent: false,
		reason: expect.stringContaining('until the page is closed')
	});
});
