/** The app's offline shell as a person and its page meet it, whatever screen is open. */
import { expect, type Locator, type Page } from '@playwright/test';

export class ShellPage {
	constructor(readonly page: Page) {}

	/** What agrees to a new version or to a reload; there is never more than one. */
	get agree(): Locator {
		return this.page.getByRole('button', { name: /^(update|reload)/i });
	}

	place(name: 'Look' | 'Teach' | 'Models'): Locator {
		return this.page.getByRole('link', { name, exact: true });
	}

	/** Opens another place of the app without loading the document again. */
	async go(name: 'Look' | 'Teach' | 'Models'): Promise<void> {
		await this.place(name).click();
	}

	async expectAt(path: string): Promise<void> {
		await expect(this.page).toHaveURL((url) => url.pathname === path);
		await expect(this.page.getByRole('heading', { level: 1 })).toBeVisible();
	}

	/** Waits until the app itself is kept whole. */
	async kept(): Promise<void> {
		await this.page.evaluate(() => navigator.serviceWorker.ready);
		await expect.poll(() => this.missing()).toEqual([]);
	}

	/** What the active service worker says is missing of the app itself. */
	missing(): Promise<unknown> {
		return this.page.evaluate(async () => {
			const registration = await navigator.serviceWorker.getRegistration();
			if (!registration?.active) return 'no active service worker';
			const { port1, port2 } = new MessageChannel();
			const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
			registration.active.postMessage({ type: 'MISSING' }, [port2]);
			return answer;
		});
	}

	/** How many versions of a file of the app are kept. */
	keptFiles(path: string): Promise<number> {
		return this.page.evaluate(async (path) => {
			const keys = await (await caches.open('lensmith-files-v1')).keys();
			return keys.filter(({ url }) => new URL(url).pathname === `/${path}`).length;
		}, path);
	}

	/** Waits until no version is being installed. */
	async expectNoneInstalling(): Promise<void> {
		const installing = async () => Boolean((await navigator.serviceWorker.getRegistration())?.installing);
		await expect.poll(() => this.page.evaluate(installing)).toBe(false);
	}

	/** Opens the status and waits for a sentence in it, then closes it. */
	async expectSaid(sentence: RegExp): Promise<void> {
		await this.page.getByRole('button', { name: /^Status: / }).click();
		await expect(this.page.getByText(sentence).first()).toBeVisible();
		await this.page.keyboard.press('Escape');
	}

	/** Empties the browser's HTTP cache, which may keep files or not; what the app keeps itself stays. */
	async forgetHttp(): Promise<void> {
		const devtools = await this.page.context().newCDPSession(this.page);
		await devtools.send('Network.clearBrowserCache');
		await devtools.detach();
	}

	/** A mark that a reload of the document wipes away. */
	async mark(): Promise<void> {
		await this.page.evaluate(() => Object.assign(window, { marked: true }));
	}

	marked(): Promise<boolean> {
		return this.page.evaluate(() => 'marked' in window);
	}

	isolated(): Promise<boolean> {
		return this.page.evaluate(() => crossOriginIsolated);
	}

	/** Waits for the reload into another version. */
	async expectOtherThan(version: string): Promise<void> {
		// A question that meets the reload itself gets no answer, and is asked again.
		await expect(async () => expect(await this.version()).not.toBe(version)).toPass({ timeout: 15_000 });
	}

	/** The app's version as its build wrote it. */
	version(): Promise<string> {
		return this.page.evaluate(
			() => document.documentElement.innerHTML.match(/__sveltekit_\w+/)?.[0] ?? 'none'
		);
	}
}
