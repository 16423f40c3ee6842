/** Small pictures of photos as addresses for `<img>`: read for what is on screen, given back when far away. */
import { SvelteMap } from 'svelte/reactivity';
import { readThumbnails } from '$lib/storage/photos';
import { noteError } from '$lib/storage/errors';
import { slices, wait } from './slices';

/** Addresses that are kept beyond those on screen; a thumbnail takes some 6 kB. */
const SPARE = 600;
/** Read from the database at once. */
const BATCH = 60;

export class Thumbnails {
	/** In the order of their last use. */
	#urls = new SvelteMap<string, string>();
	/** What each list shows now. */
	#shown = new Map<string, readonly string[]>();
	#asked = new Set<string>();
	#reading: Promise<void> | null = null;
	/** Asked for once and not there. */
	#absent = new Set<string>();
	/** Ends when all is cleared. */
	#until = new AbortController();
	readonly #pause: (ms: number) => Promise<void>;

	/** @param pause ends after so many milliseconds, and lets the page do its work meanwhile */
	constructor(pause = wait) {
		this.#pause = pause;
	}

	/** undefined until it is read. */
	url(photoId: string): string | undefined {
		return this.#urls.get(photoId);
	}

	/** @param list a name of its own for each list on the page @param ids what it shows now; none when it goes */
	show(list: string, ids: readonly string[]): void {
		if (ids.length > 0) this.#shown.set(list, ids);
		else this.#shown.delete(list);
		this.#start();
	}

	/** The same, read because it was asked for: for short lists, while they are drawn. null until then. */
	ask(photoId: string): string | null {
		const url = this.#urls.get(photoId);
		if (url) return url;
		this.#asked.add(photoId);
		this.#start();
		return null;
	}

	clear(): void {
		this.#until.abort();
		this.#until = new AbortController();
		this.#asked.clear();
		this.#shown.clear();
		for (const url of this.#urls.values()) URL.revokeObjectURL(url);
		this.#urls.clear();
		this.#absent.clear();
	}

	/** What is wished for in the moment that a reading ends begins another. */
	#start(): void {
		this.#reading ??= this.#read().finally(() => {
			this.#reading = null;
			if (this.#missing().length > 0) this.#start();
		});
	}

	/** What is wanted may change while a batch is read; the newest wish is read next. */
	async #read(): Promise<void> {
		await Promise.resolve();
		for (let ids = this.#missing(); ids.length > 0; ids = this.#missing()) {
			const { signal } = this.#until;
			try {
				const pictures = await readThumbnails(ids);
				// Each address is asked of another process of the browser, which may keep the page waiting.
				const full = slices(this.#pause);
				for (const [i, id] of ids.entries()) {
					const turn = full();
					if (turn) await turn;
					if (signal.aborted) break;
					this.#keep(id, pictures[i] ?? null);
				}
			} catch (cause) {
				void noteError('thumbnails', cause);
				// What was cleared meanwhile is no longer waited for.
				if (signal.aborted) continue;
				for (const id of ids) this.#keep(id, null);
			}
			this.#giveBack();
		}
	}

	#missing(): string[] {
		const wanted = [...this.#asked, ...[...this.#shown.values()].flat()];
		return wanted.filter((id) => !this.#urls.has(id) && !this.#absent.has(id)).slice(0, BATCH);
	}

	#keep(id: string, picture: { bytes: ArrayBuffer; type: string } | null): void {
		this.#asked.delete(id);
		if (!picture) return void this.#absent.add(id);
		this.#urls.set(id, URL.createObjectURL(new Blob([picture.bytes], { type: picture.type })));
	}

	/** The oldest that no list shows. */
	#giveBack(): void {
		const shown = new Set([...this.#shown.values()].flat());
		let surplus = this.#urls.size - shown.size - SPARE;
		for (const [id, url] of [...this.#urls]) {
			if (surplus <= 0) return;
			if (shown.has(id)) continue;
			URL.revokeObjectURL(url);
			this.#urls.delete(id);
			surplus--;
		}
	}
}
