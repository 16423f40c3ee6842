/** Photos as the app keeps those of a phone: 1024 pixels on the long side, some 265 kB, no two alike. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { pictures } from '../teach-page/projects';

/** Files handed to the page at a time. */
const BATCH = 50;

/** As many small photos as are wanted: of all datasets, over again where there are fewer, drawn where there are none. */
export function smallPhotos(folder: string, count: number): string[] {
	const paths = existsSync(folder)
		? readdirSync(folder, { recursive: true, encoding: 'utf8' })
				.filter((path) => /\.jpe?g$/i.test(path))
				.sort()
		: [];
	if (paths.length === 0) return pictures('', 1, count).flat();
	return Array.from({ length: count }, (_, i) =>
		readFileSync(join(folder, paths[i % paths.length] ?? '')).toString('base64')
	);
}

/** Makes them large in the page, with grain of each one's own, and hands them to a label's input. */
export async function bringLarge(
	page: Page,
	label: string,
	photos: readonly string[],
	first: number
): Promise<void> {
	for (let from = 0; from < photos.length; from += BATCH) {
		const input = page.getByLabel(`Photos for ${label}`, { exact: true });
		await input.evaluate(makeAndHand, { some: photos.slice(from, from + BATCH), first: first + from });
		await page.waitForFunction(
			(count) => {
				const { puts } = (globalThis as unknown as { recorded: { puts: { store: string }[] } }).recorded;
				return puts.filter(({ store }) => store === 'photos').length >= count;
			},
			first + Math.min(photos.length, from + BATCH),
			{ timeout: 0, polling: 100 }
		);
	}
}

/** Runs in the page. */
async function makeAndHand(
	input: Element,
	{ some, first }: { some: readonly string[]; first: number }
): Promise<void> {
	const LONG = 1024;
	const GRAIN = 20;
	const data = new DataTransfer();
	for (const [i, text] of some.entries()) {
		const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
		const small = await createImageBitmap(new Blob([bytes]));
		const scale = LONG / Math.max(small.width, small.height);
		const [width, height] = [Math.round(small.width * scale), Math.round(small.height * scale)];
		const canvas = new OffscreenCanvas(width, height);
		const context = canvas.getContext('2d');
		if (!context) throw new Error('The browser gives no canvas.');
		context.drawImage(small, 0, 0, width, height);
		const pixels = context.getImageData(0, 0, width, height);
		let state = first + i + 1;
		for (let at = 0; at < pixels.data.length; at += 4) {
			state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
			const grain = ((state >>> 8) / 2 ** 24 - 0.5) * GRAIN;
			for (let c = 0; c < 3; c++) pixels.data[at + c] = (pixels.data[at + c] ?? 0) + grain;
		}
		context.putImageData(pixels, 0, 0);
		const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
		data.items.add(new File([blob], `photo-${first + i}.jpg`, { type: 'image/jpeg' }));
	}
	(input as HTMLInputElement).files = data.files;
	input.dispatchEvent(new Event('change', { bubbles: true }));
}
