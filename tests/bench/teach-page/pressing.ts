/** What a person does on the project's pages, timed inside the page. */
import type { Page } from 'playwright';

export interface Pressed {
	/** Milliseconds since navigation. */
	begin: number;
	end: number;
}

/** From the list of projects: opens one and presses Train at once. @returns from the first click to a model in use */
export function openAndTrain(page: Page, id: string): Promise<Pressed> {
	return page.evaluate(async (id) => {
		const until = async <T>(find: () => T | null | undefined): Promise<T> => {
			for (;;) {
				const found = find();
				if (found) return found;
				await new Promise(requestAnimationFrame);
			}
		};
		const link = (end: string) => () => document.querySelector<HTMLElement>(`a[href$="${end}"]`);
		const project = await until(link(`/teach/${id}`));
		const begin = performance.now();
		project.click();
		(await until(link(`/teach/${id}/train`))).click();
		(await until(() => document.querySelector<HTMLElement>('#train[aria-disabled="false"]'))).click();
		await until(() => document.querySelector('.in-use'));
		return { begin, end: performance.now() };
	}, id);
}

/** On the Train page of a project. @returns from the press to a model that is new */
export function train(page: Page): Promise<Pressed> {
	return page.evaluate(async () => {
		const frame = () => new Promise(requestAnimationFrame);
		const button = () => document.querySelector<HTMLElement>('#train');
		while (button()?.ariaDisabled !== 'false') await frame();
		const begin = performance.now();
		button()?.click();
		while (button()?.ariaDisabled === 'false') await frame();
		while (button()?.ariaDisabled !== 'false') await frame();
		return { begin, end: performance.now() };
	});
}

/** Takes a link of the app, without loading the page anew. */
export async function go(page: Page, path: string): Promise<void> {
	await page.locator(`a[href$="${path}"]`).first().click();
	await page.waitForURL((url) => url.pathname.endsWith(path));
}

/** Scrolls through a label's photos and back. @returns milliseconds between frames, the longest first */
export function scrollThrough(page: Page, label: string): Promise<number[]> {
	return page.getByRole('listbox', { name: `Photos of ${label}`, exact: true }).evaluate(async (grid) => {
		let scroller: Element | null = grid;
		while (scroller && scroller.scrollHeight <= scroller.clientHeight + 1) scroller = scroller.parentElement;
		if (!scroller) return [0];
		const gaps: number[] = [];
		const frames = 120;
		let last = performance.now();
		for (let i = 0; i <= frames; i++) {
			const part = 1 - Math.abs((2 * i) / frames - 1);
			scroller.scrollTop = part * (scroller.scrollHeight - scroller.clientHeight);
			const now = await new Promise<number>((resolve) =>
				requestAnimationFrame(() => resolve(performance.now()))
			);
			gaps.push(now - last);
			last = now;
		}
		return gaps.sort((a, b) => b - a);
	});
}
