/** The Models screen as a person meets it. */
import { expect, type Locator, type Page } from '@playwright/test';

export class ModelsPage {
	constructor(readonly page: Page) {}

	/** The row of a backbone. */
	row(name: string): Locator {
		return this.page
			.getByRole('article')
			.filter({ has: this.page.getByRole('button', { name: `${name}: details`, exact: true }) });
	}

	/** What comes up when a model's file is opened. */
	get sheet(): Locator {
		return this.page.getByRole('dialog', { name: 'Open a model' });
	}

	async open(url: string): Promise<void> {
		await this.page.goto(`${url}/shelf`);
	}

	/** Chooses a model's file. */
	async choose(name: string, buffer: Uint8Array): Promise<void> {
		// Before that the page is drawn, but does not listen yet.
		const ready = /^Status: (Ready offline|Not kept offline|Something is missing)/;
		await expect(this.page.getByRole('button', { name: ready })).toBeVisible({ timeout: 30_000 });
		const file = { name, mimeType: 'application/octet-stream', buffer: Buffer.from(buffer) };
		await this.page.getByLabel("A model's file to open").setInputFiles(file);
	}

	/** Something out of a model's menu. */
	async menu(name: string, entry: string): Promise<void> {
		await this.page.getByRole('button', { name: `More for ${name}`, exact: true }).click();
		await this.page.getByRole('menuitem', { name: entry, exact: true }).click();
	}

	/** Opens the card of a backbone. */
	async details(name: string): Promise<Locator> {
		await this.page.getByRole('button', { name: `${name}: details`, exact: true }).click();
		return this.page.getByRole('dialog', { name, exact: true });
	}
}
