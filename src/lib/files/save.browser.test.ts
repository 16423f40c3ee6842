import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import { canShareFile, saveFile, shareFile, type FileToSave } from './save';

const facts = {
	name: 'plants.zip',
	type: 'application/zip',
	description: 'A project',
	extensions: ['.zip']
};
const bytes = new TextEncoder().encode('some bytes');
const written = (more?: () => unknown): FileToSave => ({
	...facts,
	async write(stream) {
		const writer = stream.getWriter();
		await writer.write(bytes);
		await more?.();
		await writer.write(bytes);
	}
});
const fail = (cause: unknown) => () => {
	throw cause;
};
const abort = new DOMException('', 'AbortError');

/** A real file system for the dialog to choose from. */
let folder: FileSystemDirectoryHandle;
const names = async () => {
	const found: string[] = [];
	for await (const name of folder.keys()) found.push(name);
	return found;
};
const content = async () => (await (await folder.getFileHandle(facts.name)).getFile()).text();
const choose = vi.fn(async () => folder.getFileHandle(facts.name, { create: true }));
/** Files that became downloads. */
const downloads: Promise<{ name: string; text: string }>[] = [];

function caught(event: Event): void {
	const { target } = event;
	if (!(target instanceof HTMLAnchorElement)) return;
	event.preventDefault();
	const { href, download: name } = target;
	downloads.push(fetch(href).then(async (response) => ({ name, text: await response.text() })));
}

beforeEach(async () => {
	const root = await navigator.storage.getDirectory();
	folder = await root.getDirectoryHandle('save-test', { create: true });
	for (const name of await names()) await folder.removeEntry(name);
	choose.mockClear();
	downloads.length = 0;
	addEventListener('click', caught);
	vi.stubGlobal('showSaveFilePicker', choose);
});
afterEach(() => {
	removeEventListener('click', caught);
	vi.unstubAllGlobals();
	vi.restoreAllMocks();
});

test('a file is written bit by bit, or as a whole, where the person wants it', async () => {
	expect(await saveFile(written())).toBe('saved');
	expect(await content()).toBe('some bytessome bytes');
	expect(choose).toHaveBeenCalledWith({
		suggestedName: 'plants.zip',
		types: [{ description: 'A project', accept: { 'application/zip': ['.zip'] } }]
	});
	expect(await saveFile({ ...facts, blob: new Blob([bytes]) })).toBe('saved');
	expect(await content()).toBe('some bytes');
	expect(downloads).toEqual([]);
});

test('a dialog that is closed is no error, and nothing is written', async () => {
	choose.mockRejectedValueOnce(abort);
	const write = vi.fn();
	expect(await saveFile({ ...facts, write })).toBe('cancelled');
	expect(write).not.toHaveBeenCalled();
	expect(downloads).toEqual([]);
});

test('what is given up or fails in the middle leaves no half file', async () => {
	expect(await saveFile(written(fail(abort)))).toBe('cancelled');
	expect(await names()).toEqual([]);
	await expect(saveFile(written(fail(new Trouble('own', 'words'))))).rejects.toMatchObject({ code: 'own' });
	expect(await names()).toEqual([]);
	const full = fail(new DOMException('', 'QuotaExceededError'));
	await expect(saveFile(written(full))).rejects.toMatchObject({
		code: 'file-not-written',
		message: expect.stringContaining('“plants.zip”')
	});
	expect(await names()).toEqual([]);
});

test('where the browser does not ask, or will not, it becomes a download', async () => {
	choose.mockRejectedValueOnce(new DOMException('', 'SecurityError'));
	expect(await saveFile(written())).toBe('handed');
	vi.stubGlobal('showSaveFilePicker', undefined);
	expect(await saveFile(written())).toBe('handed');
	const expected = { name: 'plants.zip', text: 'some bytessome bytes' };
	expect(await Promise.all(downloads)).toEqual([expected, expected]);
	expect(await saveFile(written(fail(abort)))).toBe('cancelled');
	expect(downloads).toHaveLength(2);
});

test('a file of many parts is whole', async () => {
	vi.stubGlobal('showSaveFilePicker', undefined);
	const piece = new Uint8Array(2 ** 20).fill(65);
	const many: FileToSave = {
		...facts,
		async write(stream) {
			const writer = stream.getWriter();
			for (let i = 0; i < 9; i++) {
				piece[0] = 66 + i;
				await writer.write(piece);
			}
		}
	};
	await saveFile(many);
	const [made] = await Promise.all(downloads);
	expect(made?.text).toHaveLength(9 * 2 ** 20);
	expect([...(made?.text ?? '')].filter((letter) => letter !== 'A').join('')).toBe('BCDEFGHIJ');
});

/** The browser of the tests shares nothing by itself. */
function sharing<T extends object>(functions: T): T {
	for (const [name, value] of Object.entries(functions))
		Object.defineProperty(navigator, name, { value, configurable: true });
	return functions;
}
afterEach(() => {
	for (const name of ['share', 'canShare']) Reflect.deleteProperty(navigator, name);
});

test('another app gets it, at the press that made it or at another one', async () => {
	const { share } = sharing({ share: vi.fn((_data: ShareData) => Promise.resolve()) });
	const press = vi.fn(() => Promise.resolve());
	expect(await shareFile(written(), press)).toBe('shared');
	expect(press).toHaveBeenCalledOnce(); // a test presses nothing
	const [file] = share.mock.lastCall?.[0].files ?? [];
	expect([file?.name, file?.type, await file?.text()]).toEqual([
		'plants.zip',
		'application/zip',
		'some bytessome bytes'
	]);
	share.mockRejectedValueOnce(abort);
	expect(await shareFile(written(), press)).toBe('cancelled');
	share.mockRejectedValueOnce(new DOMException('', 'NotAllowedError'));
	await expect(shareFile(written(), press)).rejects.toMatchObject({ code: 'file-not-shared' });
});

test('whether other apps take such files is asked of the browser', () => {
	sharing({ canShare: ({ files }: ShareData) => files?.[0]?.name === 'plants.zip' });
	expect(canShareFile(facts)).toBe(true);
	expect(canShareFile({ ...facts, name: 'other.zip' })).toBe(false);
	Reflect.deleteProperty(navigator, 'canShare');
	expect(canShareFile(facts)).toBe(false);
});
