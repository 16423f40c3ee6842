import { BlobReader, BlobWriter, ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isZip, openZip } from './zip';

type Options = Parameters<ZipWriter<Blob>['add']>[2];

async function zipOf(entries: Record<string, Blob | string>, options: Options = {}): Promise<Blob> {
	const writer = new ZipWriter(new BlobWriter('application/zip'), { useWebWorkers: false });
	for (const [name, content] of Object.entries(entries))
		await writer.add(name, new BlobReader(new Blob([content])), options);
	return writer.close();
}

const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());
const text = (bytes: number[]) => String.fromCharCode(...bytes);

/** Where each record with this signature begins. */
function records(bytes: Uint8Array, signature: string): number[] {
	const at: number[] = [];
	for (let i = 0; i + 4 <= bytes.length; i++) if (text([...bytes.slice(i, i + 4)]) === signature) at.push(i);
	return at;
}
const CENTRAL = 'PK\x01\x02';
const END = 'PK\x05\x06';

/** The zip with its bytes changed by the test. */
async function bent(zip: Blob, bend: (view: DataView, bytes: Uint8Array) => void): Promise<Blob> {
	const bytes = await bytesOf(zip);
	bend(new DataView(bytes.buffer), bytes);
	return new Blob([bytes]);
}

describe('a zip', () => {
	test('is its files, packed or not, with their folders, unpacked when read', async () => {
		const content = 'many words '.repeat(1000);
		for (const level of [0, 6]) {
			const zip = await zipOf({ 'cats/a.txt': content, 'dogs/b.txt': 'b' }, { level });
			const { files, skipped } = await openZip(zip, 'pets.zip');
			expect(files.map(({ path, size }) => [path, size])).toEqual([
				['cats/a.txt', content.length],
				['dogs/b.txt', 1]
			]);
			expect(await (await files[0]?.read())?.text()).toBe(content);
			expect(await (await files[1]?.read())?.text()).toBe('b');
			expect(skipped).toEqual([]);
		}
	});

	test('is known by its first bytes', async () => {
		expect(await isZip(await zipOf({ a: 'a' }))).toBe(true);
		expect(await isZip(await zipOf({}))).toBe(true);
		expect(await isZip(new Blob(['PKzip']))).toBe(false);
		expect(await isZip(new Blob([]))).toBe(false);
	});

	test('keeps hostile names for whoever reads paths', async () => {
		const zip = await bent(await zipOf({ 'aa/evil.jpg': 'a', 'b.jpg': 'b' }), (_, bytes) => {
			const name = [...'aa/evil'].map((letter) => letter.charCodeAt(0)).join();
			for (let i = 0; i < bytes.length - 7; i++)
				if (bytes.slice(i, i + 7).join() === name) bytes.set([0x2e, 0x2e], i);
		});
		const { files } = await openZip(zip, 'evil.zip');
		expect(files.map(({ path }) => path)).toEqual(['../evil.jpg', 'b.jpg']);
	});

	test('has no links', async () => {
		const zip = await zipOf({ 'a.jpg': '/etc/passwd' }, { unixMode: 0o120777, msDosCompatible: false });
		const { files, skipped } = await openZip(zip, 'a.zip');
		expect(files).toEqual([]);
		expect(skipped).toEqual([{ path: 'a.jpg', reason: 'is left out: it is a link' }]);
	});
});

describe('what is refused in words', () => {
	test('one that is locked', async () => {
		const zip = await zipOf({ 'a.jpg': 'secret' }, { password: 'pass' });
		await expect(openZip(zip, 'a.zip')).rejects.toMatchObject({
			code: 'zip-encrypted',
			message: expect.stringContaining('“a.zip” is locked')
		});
	});

	test('Zip64, and one in several parts', async () => {
		const zip = await zipOf({ 'a.jpg': 'a' }, { zip64: true });
		const bytes = await bytesOf(zip);
		const [end = 0] = records(bytes, END);
		const locator = new Uint8Array(20);
		locator.set([0x50, 0x4b, 6, 7]);
		const large = new Blob([bytes.slice(0, end), locator, bytes.slice(end)]);
		await expect(openZip(large, 'a.zip')).rejects.toMatchObject({ code: 'zip-unsupported' });
		const part = await bent(zip, (view) => view.setUint16(end + 4, 3, true));
		await expect(openZip(part, 'a.zip')).rejects.toMatchObject({ code: 'zip-unsupported' });
	});

	test('entries that lie over each other', async () => {
		const zip = await zipOf({ 'a.jpg': 'a'.repeat(500), 'b.jpg': 'b'.repeat(500) }, { level: 0 });
		const over = await bent(zip, (view, bytes) => {
			const [first = 0, second = 0] = records(bytes, CENTRAL);
			view.setUint32(second + 42, view.getUint32(first + 42, true), true);
		});
		await expect(openZip(over, 'a.zip')).rejects.toMatchObject({
			code: 'zip-hostile',
			message: expect.stringContaining('“a.zip”')
		});
	});

	test('more entries than allowed, by what its end says and by what is there', async () => {
		const zip = await zipOf({ a: '1', b: '2', c: '3' });
		const allowed = { entries: 2, entryBytes: 100 };
		await expect(openZip(zip, 'a.zip', allowed)).rejects.toMatchObject({ code: 'zip-too-large' });
		expect((await openZip(zip, 'a.zip', { ...allowed, entries: 3 })).files).toHaveLength(3);
		const million = await bent(zip, (view, bytes) => {
			const [end = 0] = records(bytes, END);
			view.setUint16(end + 8, 0xfffe, true);
			view.setUint16(end + 10, 0xfffe, true);
		});
		await expect(openZip(million, 'a.zip')).rejects.toMatchObject({
			code: 'zip-too-large',
			message: expect.stringContaining('20,000')
		});
	});

	test('a directory that is as large as a disk', async () => {
		const zip = await bent(await zipOf({ a: '1' }), (view, bytes) => {
			const [end = 0] = records(bytes, END);
			view.setUint32(end + 12, 0xfffffff0, true);
		});
		await expect(openZip(zip, 'a.zip')).rejects.toMatchObject({ code: 'zip-too-large' });
	});

	test('no zip, an empty file, half a zip', async () => {
		const whole = await zipOf({ 'a.jpg': 'a'.repeat(2000), 'b.jpg': 'b' }, { level: 0 });
		for (const blob of [
			new Blob(['not a zip at all, but long enough to be']),
			new Blob([]),
			whole.slice(0, 1000)
		])
			await expect(openZip(blob, 'a.zip')).rejects.toMatchObject({
				code: 'zip-broken',
				message: expect.stringContaining('“a.zip” could not be opened')
			});
	});
});

describe('a bomb', () => {
	const allowed = { entries: 10, entryBytes: 1_000_000 };
	const bomb = () => zipOf({ 'zeros.bmp': new Blob([new Uint8Array(8_000_000)]), 'a.txt': 'fine' });

	test('that says how large it gets is not unpacked', async () => {
		const { files } = await openZip(await bomb(), 'bomb.zip', allowed);
		await expect(files[0]?.read()).rejects.toMatchObject({
			code: 'zip-entry-too-large',
			message: expect.stringContaining('“zeros.bmp”')
		});
		expect(await (await files[1]?.read())?.text()).toBe('fine');
	});

	test('that lies about it is stopped while it is unpacked', async () => {
		const lying = await bent(await bomb(), (view, bytes) => {
			const [first = 0] = records(bytes, CENTRAL);
			view.setUint32(first + 24, 1000, true);
			view.setUint32(22, 1000, true); // and in front of the file
		});
		const { files } = await openZip(lying, 'bomb.zip', allowed);
		expect(files[0]?.size).toBe(1000);
		await expect(files[0]?.read()).rejects.toMatchObject({ code: expect.stringMatching(/^zip-/) });
		expect(await (await files[1]?.read())?.text()).toBe('fine');
	});
});

test('a damaged file is told by name, and the others can be read', async () => {
	const zip = await bent(
		await zipOf({ 'a.jpg': 'a'.repeat(300), 'b.jpg': 'b' }, { level: 0 }),
		(_, bytes) => {
			bytes[100] = 0xff;
		}
	);
	const { files } = await openZip(zip, 'pets.zip');
	await expect(files[0]?.read()).rejects.toMatchObject({
		code: 'zip-broken',
		message: expect.stringMatching(/“a.jpg”.*“pets.zip”/)
	});
	expect(await (await files[1]?.read())?.text()).toBe('b');
});

test('whatever is changed in a zip, it opens or says why not', async () => {
	const bytes = await bytesOf(await zipOf({ 'cats/a.txt': 'a'.repeat(400), 'b.txt': 'b' }));
	const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
	await fc.assert(
		fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
			const odd = bytes.slice();
			for (const { at, to } of changes) odd[at] = to;
			try {
				const { files } = await openZip(new Blob([odd]), 'odd.zip', { entries: 10, entryBytes: 10_000 });
				await Promise.all(files.map((file) => file.read()));
			} catch (cause) {
				expect(cause).toMatchObject({ name: 'Trouble', code: expect.stringMatching(/^zip-/) });
			}
		}),
		{ seed: 6, numRuns: 300 }
	);
});
