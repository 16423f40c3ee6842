/** The shelf of backbones: which are kept here, which can be fetched, and fetching them. */
import { base } from '$app/paths';
import type { BackboneCard } from '$lib/domain/card';
import { makeDownloads, type DownloadState } from '$lib/services/downloads';
import { hasCopy } from '$lib/storage/verified';
import { backbones } from '$models/catalog';

/** Where a backbone stands on this device. */
export type Standing =
	/** On this device. It is checked when it is used. */
	| { kind: 'kept' }
	/** Comes with the app, fetched when it is chosen. */
	| { kind: 'with-app' }
	| { kind: 'missing' }
	| { kind: 'downloading' | 'checking' | 'paused'; received: number }
	| { kind: 'failed'; received: number; words: string };

export class Shelf {
	readonly #downloads = makeDownloads();
	#states: ReadonlyMap<string, DownloadState> = $state.raw(this.#downloads.states);
	#kept: ReadonlySet<string> = $state.raw(new Set());

	constructor() {
		this.#downloads.subscribe((states) => (this.#states = states));
	}

	/** Every backbone, the embedded default first. */
	get cards(): readonly BackboneCard[] {
		return backbones;
	}

	standing(card: BackboneCard): Standing {
		const state = this.#states.get(card.id);
		if (!state) return { kind: this.#kept.has(card.id) ? 'kept' : 'with-app' };
		const { phase, received, trouble } = state;
		if (phase === 'absent') return { kind: 'missing' };
		if (phase === 'kept') return { kind: 'kept' };
		if (phase === 'failed') return { kind: 'failed', received, words: trouble?.message ?? '' };
		return { kind: phase, received };
	}

	/** Reads from the disk which backbones are kept, and which downloads are half there. */
	async refresh(): Promise<void> {
		const downloads = this.#downloads.refresh();
		const embedded = backbones.filter(({ delivery }) => delivery === 'embedded');
		const found = await Promise.all(embedded.map(({ file }) => hasCopy(file, base)));
		this.#kept = new Set(embedded.filter((_, i) => found[i]).map(({ id }) => id));
		await downloads;
	}

	/** Starts or resumes. The standing tells how it ends. */
	async download({ id }: BackboneCard): Promise<void> {
		await this.#downloads.start(id);
	}

	async pause({ id }: BackboneCard): Promise<void> {
		await this.#downloads.pause(id);
	}

	/** Resolves when no download writes any more. */
	async pauseAll(): Promise<void> {
		await Promise.all([...this.#states.keys()].map((id) => this.#downloads.pause(id)));
	}

	/** Stops and forgets what was received. */
	async cancel({ id }: BackboneCard): Promise<void> {
		await this.#downloads.cancel(id);
	}

	async remove({ id }: BackboneCard): Promise<void> {
		await this.#downloads.remove(id);
	}
}
