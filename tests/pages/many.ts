/** The screen of many photos at once as a person meets it. */
import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';
import { BlobReader, BlobWriter, ZipWriter } from '@zip.js/zip.js';

interface Row {
	file: string;
	answer: string;
	/** What it should be; undefined where the table has no such column. */
	truth: string | undefined;
}

export class ManyPage {
	constructor(readonly page: Page) {}

	get summary(): Locator {
		return this.page.getByRole('region', { name: 'Summary' });
	}

	get table(): Locator {
		return this.page.getByRole('table', { name: 'Answers' });
	}

	/** Without the head. */
	get lines(): Locator {
		return this.table.getByRole('row').filter({ has: this.page.getByRole('rowheader') });
	}

	get stop(): Locator {
		return this.page.getByRole('button', { name: 'Stop' });
	}

	get save(): Locator {
		return this.page.getByRole('button', { name: 'Save as CSV' });
	}

	async open(url: string): Promise<void> {
		await this.page.goto(`${url}/many`);
	}

	/** From the Look screen. */
	async enter(): Promise<void> {
		await this.page.getByRole('link', { name: 'Many photos', exact: true }).click();
		await this.expectEmpty();
	}

	async choose(...files: Parameters<Locator['setInputFiles']>[0][]): Promise<void> {
		for (const chosen of files)
			await this.page.getByLabel('Photos to ask about', { exact: true }).setInputFiles(chosen);
	}

	async chooseFolder(path: string): Promise<void> {
		await this.page.getByLabel('Photos to ask about, a folder').setInputFiles(path);
	}

	async show(which: RegExp): Promise<void> {
		await this.page.getByRole('radio', { name: which }).focus();
		await this.page.keyboard.press('Space');
	}

	async expectEmpty(): Promise<void> {
		await expect(this.page.getByRole('heading', { name: 'Bring a folder of photos' })).toBeVisible();
	}

	/** Waits until all are answered, or it was stopped. */
	async done(): Promise<void> {
		await expect(this.save).toBeVisible({ timeout: 45_000 });
	}

	async rows(): Promise<Row[]> {
		const lines = await this.lines.all();
		return Promise.all(
			lines.map(async (line) => ({
				file: (await line.getByRole('rowheader').getAttribute('title')) ?? '',
				answer: (await line.getByRole('cell').nth(1).innerText()).replace(/\s+/g, ' ').trim(),
				truth: (await line.getByRole('cell').nth(2).allInnerTexts())[0]?.replace(/\s+/g, ' ').trim()
			}))
		);
	}
}

/** A test set of two labels out of the app's samples, one file torn, and one that is no picture. */
export async function testSet(): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
	const writer = new ZipWriter(new BlobWriter());
	const coffee = readFileSync('static/samples/coffee.jpg');
	const add = (path: string, bytes: Buffer) =>
		writer.add(path, new BlobReader(new Blob([new Uint8Array(bytes)])));
	await add('restaurant/guests.jpg', readFileSync('static/samples/restaurant.jpg'));
	await add('Cup/=coffee, "black".jpg', coffee);
	await add('Cup/torn.jpg', coffee.subarray(0, 200));
	await add('Cup/notes.txt', Buffer.from('white'));
	const blob = await writer.close();
	return { name: 'set.zip', mimeType: 'application/zip', buffer: Buffer.from(await blob.arrayBuffer()) };
}
