/** The Models screen as a person meets it. */
import type { Locator, Page } from '@playwright/test';

export class ModelsPage {
	constructor(readonly page: Page) {}

	/** The row of a backbone. */
	row(name: string): Locator {
		return this.page
			.getByRole('article')
			.filter({ has: this.page.getByRole('button', { name: `${name}: details`, exact: true }) });
	}

	async open(url: string): Promise<void> {
		await this.page.goto(`${url}/shelf`);
	}

	/** Opens the card of a backbone. */
	async details(name: string): Promise<Locator> {
		await this.page.getByRole('button', { name: `${name}: details`, exact: true }).click();
		return this.page.getByRole('dialog', { name, exact: true });
	}
}
