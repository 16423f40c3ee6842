/** What a person may choose, chosen by the bench. */
import type { Page } from 'playwright';

/** On a page of the app, whose database is there; holds from the next visit on. */
export async function choose(page: Page, settings: { backend: string; maxFps: number }): Promise<void> {
	await page.evaluate(
		(settings) =>
			new Promise<void>((resolve, reject) => {
				const opening = indexedDB.open('lensmith');
				opening.onerror = () => reject(new Error('the settings could not be opened'));
				opening.onsuccess = () => {
					const database = opening.result;
					const writing = database.transaction('settings', 'readwrite');
					for (const [key, value] of Object.entries(settings))
						writing.objectStore('settings').put(value, key);
					writing.oncomplete = () => {
						database.close();
						resolve();
					};
				};
			}),
		settings
	);
}
