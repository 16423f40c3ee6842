/** The list of projects and the Photos tab as a person meets them. */
import { expect, type Locator, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import jpeg from 'jpeg-js';

interface PhotoFile {
	name: string;
	mimeType: string;
	buffer: Buffer;
}

/** Small pictures, each different: a disc of a colour of its own somewhere on stripes. */
export function photoFiles(
	count: number,
	name: string,
	first = 0,
	kind: 'disc' | 'stripes' = 'disc'
): PhotoFile[] {
	return Array.from({ length: count }, (_, i) => ({
		name: `${name}-${i}.jpg`,
		mimeType: 'image/jpeg',
		buffer: picture(first + i, kind)
	}));
}

/** Something in a place and a colour of its own: a disc on a slope, or stripes from side to side that a network tells from it. */
function picture(seed: number, kind: 'disc' | 'stripes'): Buffer {
	const [width, height] = [160, 120];
	const data = Buffer.alloc(width * height * 4, 255);
	const [x0, y0] = [30 + ((seed * 37) % 100), 30 + ((seed * 23) % 60)];
	for (let at = 0; at < width * height; at++) {
		const [x, y] = [at % width, Math.floor(at / width)];
		const inside =
			kind === 'disc' ? Math.hypot(x - x0, y - y0) < 24 : (y + x0) % (10 + (seed % 9)) < 4 + (seed % 3);
		for (let c = 0; c < 3; c++)
			data[at * 4 + c] = inside ? (seed * 40 * (c + 1)) % 256 : 90 + ((x + y * (c + 1)) % 60);
	}
	return jpeg.encode({ width, height, data }, 85).data;
}

/** A sample picture as if it had been saved once more: other bytes, the same to the eye. */
export function savedAgain(sample: 'coffee' | 'motorcycles' | 'restaurant', quality: number): PhotoFile {
	const { width, height, data } = jpeg.decode(readFileSync(`static/samples/${sample}.jpg`), {
		useTArray: true
	});
	const buffer = jpeg.encode({ width, height, data }, quality).data;
	return { name: `${sample}-${quality}.jpg`, mimeType: 'image/jpeg', buffer };
}

export class TeachPage {
	constructor(readonly page: Page) {}

	button(name: string | RegExp): Locator {
		return this.page.getByRole('button', { name, exact: typeof name === 'string' });
	}

	async open(url: string): Promise<void> {
		await this.page.goto(`${url}/teach`);
	}

	/** A project, Balcony, of two labels with twelve photos each, on its Train tab. */
	async #readyToTrain(url: string): Promise<void> {
		await this.open(url);
		await this.start('Balcony');
		await this.addLabels('Daisy', 'Stripes');
		await this.bring('Daisy', 12);
		await this.choose('Stripes', photoFiles(12, 'stripes', 0, 'stripes'));
		await expect(this.said).toContainText('Added 12 photos to Stripes');
		await this.step('Train');
	}

	/** A project, Balcony, of two labels with twelve photos each, trained once. */
	async balcony(url: string): Promise<void> {
		await this.#readyToTrain(url);
		await this.button('Train').click();
		await expect(this.page.getByText(/It learned 2 labels from 24 photos/)).toBeVisible();
	}

	/**
	 * A project, Balcony, of two labels with twelve photos each, and a way to learn chosen.
	 *
	 * @param epochs the place among those that can be chosen
	 */
	async readyToTune(url: string, epochs: number, way = /Fine-tune/): Promise<void> {
		await this.#readyToTrain(url);
		await this.page.getByText('More ways').click();
		await this.page.getByRole('radio', { name: way }).check();
		await this.page.getByRole('slider', { name: /Epochs/ }).fill(String(epochs));
	}

	/** Starts a project and waits for its page. */
	async start(name: string): Promise<void> {
		await this.button(/^(Start a project|New project)$/).click();
		await this.page.getByLabel('Name of the project').fill(name);
		await this.button('Start').click();
		await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
	}

	async addLabels(...names: string[]): Promise<void> {
		await this.button(/^Add (the first|a) label$/).click();
		const field = this.page.getByLabel('Name of the label');
		for (const name of names) {
			await field.fill(name);
			await this.page.keyboard.press('Enter');
			await expect(field).toHaveValue('');
		}
		await this.button('Done').click();
		for (const name of names) await expect(this.label(name)).toBeVisible();
	}

	/** The section of a label. */
	label(name: string): Locator {
		return this.page.getByRole('region', { name, exact: true });
	}

	/** The grid of a label's photos. */
	grid(name: string): Locator {
		return this.page.getByRole('listbox', { name: `Photos of ${name}`, exact: true });
	}

	photo(label: string, place: number): Locator {
		return this.grid(label).getByRole('option', { name: new RegExp(`^Photo ${place} of`) });
	}

	selected(label: string): Locator {
		return this.grid(label).getByRole('option', { selected: true });
	}

	async choose(label: string, files: PhotoFile[]): Promise<void> {
		await this.page.getByLabel(`Photos for ${label}`, { exact: true }).setInputFiles(files);
	}

	/** Brings photos and waits until they are there. */
	async bring(label: string, count: number, first = 0): Promise<void> {
		await this.choose(label, photoFiles(count, label, first));
		await expect(this.said).toContainText(`Added ${count} ${count === 1 ? 'photo' : 'photos'} to ${label}`);
	}

	/** Shares files with the app as the system does, and lands where that leads. */
	async share(files: PhotoFile[]): Promise<void> {
		await this.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
		const parts = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: [...buffer] }));
		const landed = await this.page.evaluate(async (parts) => {
			const form = new FormData();
			for (const { name, mimeType, bytes } of parts)
				form.append('picture', new File([new Uint8Array(bytes)], name, { type: mimeType }));
			const { scope } = await navigator.serviceWorker.ready;
			return (await fetch(new URL('share', scope), { method: 'POST', body: form })).url;
		}, parts);
		await this.page.goto(landed);
	}

	/** Pictures that were shared and are kept still. */
	kept(): Promise<number> {
		return this.page.evaluate(async () => (await (await caches.open('lensmith-shared')).keys()).length);
	}

	/** Drops files on something. */
	async drop(target: Locator, files: PhotoFile[]): Promise<void> {
		const parts = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: [...buffer] }));
		await target.evaluate((element, parts) => {
			const data = new DataTransfer();
			for (const { name, mimeType, bytes } of parts)
				data.items.add(new File([new Uint8Array(bytes)], name, { type: mimeType }));
			for (const kind of ['dragenter', 'dragover', 'drop'])
				element.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
		}, parts);
	}

	/** Drops files on the page itself, and sees that they do not take its place. */
	async dropOnPage(files: PhotoFile[]): Promise<void> {
		const taken = this.page.evaluate(
			() =>
				new Promise((tell) =>
					addEventListener('drop', (event) => setTimeout(() => tell(event.defaultPrevented)))
				)
		);
		await this.drop(this.page.locator('body'), files);
		expect(await taken).toBe(true);
	}

	async expectCount(label: string, words: string): Promise<void> {
		await expect(this.label(label)).toContainText(new RegExp(`(^|\\D)${words}`));
	}

	/** The message about what was done last. */
	get said(): Locator {
		return this.page.getByRole('group', { name: 'What was done' });
	}

	async undo(): Promise<void> {
		await this.said.getByRole('button', { name: 'Undo' }).click();
	}

	async pick(title: string | RegExp, choice: string): Promise<void> {
		await this.page
			.getByRole('dialog', { name: title })
			.getByRole('button', { name: choice, exact: true })
			.click();
	}

	/** The large view of a photo. */
	large(title: string): Locator {
		return this.page.getByRole('dialog', { name: title, exact: true });
	}

	/** Gives the photo that is shown large another label. */
	async moveShown(from: string, to: string): Promise<void> {
		await this.button(`${from} (move to another label)`).click();
		await this.pick('Move this photo to', to);
	}

	/** Opens the menu of a label or project and takes an entry. */
	async menu(of: string, entry: string): Promise<void> {
		await this.button(`More for ${of}`).click();
		await this.page.getByRole('menuitem', { name: entry, exact: true }).click();
	}

	record(label: string): Locator {
		return this.button(`Record ${label}`);
	}

	/** Photos that a label says it has. */
	async count(label: string): Promise<number> {
		return Number(/(\d+)\s+photo/.exec(await this.label(label).innerText())?.[1] ?? 0);
	}

	/** Photos of the sheet of near-duplicates; pressed are those that are to go. */
	similar(group: number): Locator {
		return this.page
			.getByRole('dialog', { name: 'Nearly the same' })
			.getByRole('listitem')
			.nth(group - 1)
			.getByRole('button', { name: /photo \d+ of \d+/ });
	}

	/** Opens a tab of the project. */
	async step(name: 'Photos' | 'Train' | 'Review' | 'Try'): Promise<void> {
		await this.page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name }).click();
	}
}

/** Hands a label 1,000 files that are made in the page, ten of them damaged: photo-7.jpg, photo-107.jpg, … */
export function bringThousand(page: Page, label: string): Promise<void> {
	return page.getByLabel(`Photos for ${label}`, { exact: true }).evaluate(async (input) => {
		const data = new DataTransfer();
		const canvas = new OffscreenCanvas(32, 24);
		const context = canvas.getContext('2d');
		for (let i = 0; i < 1000; i++) {
			for (let bit = 0; context && bit < 12; bit++) {
				context.fillStyle = i & (1 << bit) ? '#fa0' : '#028';
				context.fillRect((bit % 4) * 8, Math.floor(bit / 4) * 8, 8, 8);
			}
			const whole = await canvas.convertToBlob({ type: 'image/jpeg' });
			data.items.add(new File([i % 100 === 7 ? whole.slice(0, 60) : whole], `photo-${i}.jpg`));
		}
		(input as HTMLInputElement).files = data.files;
		input.dispatchEvent(new Event('change', { bubbles: true }));
	});
}
