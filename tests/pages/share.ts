/** The sheet that a model is shared from. */
import { expect, type Locator, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import type { TeachPage } from './teach';

interface Saved {
	name: string;
	bytes: Buffer;
}

export class ShareSheet {
	readonly sheet: Locator;

	constructor(readonly page: Page) {
		this.sheet = page.getByRole('dialog', { name: 'Share the model' });
	}

	/** Two labels, trained once; the sheet is open. */
	async trained(teach: TeachPage, url: string): Promise<void> {
		await this.page.context().addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
		await teach.balcony(url);
		await teach.menu('Balcony', 'Share the model');
	}

	/** Chooses a form once it is made, and saves it. */
	async save(name: string): Promise<Saved> {
		const form = this.sheet.getByRole('radio', { name, exact: false });
		await expect(form).toBeEnabled({ timeout: 60_000 });
		await form.check();
		return this.saveBy('Save');
	}

	/** Opens what is for web pages and Python. */
	async openOthers(): Promise<void> {
		await this.sheet.getByText('For web pages and Python').click();
		await expect(this.sheet.getByRole('region', { name: 'Script of Python' })).toContainText('.onnx"');
	}

	/** Presses a button that saves something, and waits until the sheet has said so. */
	async saveBy(button: string): Promise<Saved> {
		const downloading = this.page.waitForEvent('download');
		await this.sheet.getByRole('button', { name: button, exact: true }).click();
		const download = await downloading;
		const name = download.suggestedFilename();
		await expect(this.sheet.getByRole('status').filter({ hasText: name })).toHaveCount(1);
		return { name, bytes: readFileSync(await download.path()) };
	}
}
