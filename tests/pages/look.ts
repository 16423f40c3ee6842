/** The Look screen as a person meets it. */
import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';

export class LookPage {
	constructor(readonly page: Page) {}

	get answer(): Locator {
		return this.page.getByRole('region', { name: 'Answer' });
	}

	get picture(): Locator {
		return this.page.getByRole('button', { name: /where the network looked/ });
	}

	get heat(): Locator {
		return this.page.getByText(/^Most for .* Pick another/);
	}

	button(name: string | RegExp): Locator {
		return this.page.getByRole('button', { name });
	}

	/** Opens the screen and waits for the engine: before that there is nothing to answer. */
	async open(url: string): Promise<void> {
		await this.page.goto(`${url}/`);
		await this.ready();
	}

	async ready(timeout = 30_000): Promise<void> {
		await expect(this.button(/^Status: (Ready offline|Not kept offline)/)).toBeVisible({ timeout });
	}

	async choosePhoto(path: string): Promise<void> {
		await this.page.getByLabel('Choose a photo', { exact: true }).setInputFiles(path);
	}

	/** Drops or pastes a file anywhere on the page. */
	async bring(how: 'drop' | 'paste', path: string, type = 'image/jpeg'): Promise<void> {
		const bytes = [...readFileSync(path)];
		await this.page.evaluate(
			({ how, bytes, name, type }) => {
				const data = new DataTransfer();
				data.items.add(new File([new Uint8Array(bytes)], name, { type }));
				const options = { bubbles: true, cancelable: true };
				if (how === 'paste')
					document.body.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }));
				else
					for (const kind of ['dragenter', 'dragover', 'drop'])
						document.body.dispatchEvent(new DragEvent(kind, { ...options, dataTransfer: data }));
			},
			{ how, bytes, name: path.split('/').at(-1) ?? path, type }
		);
	}

	/** The shown answers, best first. */
	async labels(): Promise<string[]> {
		return this.answer.getByRole('listitem').locator('.label').allInnerTexts();
	}

	/** The pixels of the heat that lies over the picture: how dark its darkest and how clear its clearest part is. */
	heatRange(): Promise<{ clearest: number; darkest: number }> {
		return this.page.locator('canvas[width="96"]').evaluate((canvas) => {
			const { data } = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, 96, 96) ?? {
				data: []
			};
			const alphas = Array.from(data).filter((_, i) => i % 4 === 3);
			return { clearest: Math.min(...alphas), darkest: Math.max(...alphas) };
		});
	}

	/** The cup of coffee among the samples: the default network takes it for a mortar first, then for a cup. */
	async expectCoffee(): Promise<void> {
		await expect(this.answer).toContainText(/mortar.*cup/s, { timeout: 30_000 });
	}

	/** Waits for the app's own word that it works without a network. */
	async readyOffline(): Promise<void> {
		await expect(this.button('Status: Ready offline')).toBeVisible({ timeout: 45_000 });
	}
}
