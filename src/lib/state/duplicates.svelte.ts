/** Photos of the open project that look nearly the same: found in the background, offered, never chosen unasked. */
import type { Photo } from '$lib/domain/project';
import { similarPhotos, type SimilarPhotos } from '$lib/domain/spare';
import { slices, wait } from './slices';

/** Milliseconds without a change before the work begins: photos come in one after the other. */
const CALM_MS = 400;

export class Duplicates {
	readonly #pause: (ms: number) => Promise<void>;
	#groups: readonly SimilarPhotos[] | null = $state.raw(null);
	/** What the person chose otherwise than was proposed: whether it goes. */
	#choices: ReadonlyMap<string, boolean> = $state.raw(new Map());
	#projectId: string | undefined;
	#newest = 0;

	/** Ids of the photos that are marked to go. */
	readonly marked: ReadonlySet<string> = $derived.by(() => {
		const marked = new Set<string>();
		for (const { photos, spare } of this.#groups ?? []) {
			const proposed = new Set(spare);
			for (const id of photos) if (this.#choices.get(id) ?? proposed.has(id)) marked.add(id);
		}
		return marked;
	});

	/** @param pause ends after so many milliseconds, and lets the page do its work meanwhile */
	constructor(pause = wait) {
		this.#pause = pause;
	}

	/** Those across bursts first; null until they were looked for. */
	get groups(): readonly SimilarPhotos[] | null {
		return this.#groups;
	}

	/**
	 * Looks for them among a project's photos, in place of any search before. What was found stays until then.
	 *
	 * @param featuresOf a photo's features; photos without are left out, as the hash alone errs
	 */
	async look(photos: readonly Photo[], featuresOf: (photoId: string) => Float32Array | null): Promise<void> {
		if (photos[0]?.projectId !== this.#projectId) this.forget();
		this.#projectId = photos[0]?.projectId;
		const mine = ++this.#newest;
		await this.#pause(CALM_MS);
		if (mine !== this.#newest) return;
		const known = photos.flatMap((photo) => {
			const features = featuresOf(photo.id);
			return features ? [{ ...photo, features }] : [];
		});
		const steps = similarPhotos(known);
		const full = slices(this.#pause);
		let step = steps.next();
		for (; !step.done; step = steps.next()) {
			const turn = full();
			if (!turn) continue;
			await turn;
			if (mine !== this.#newest) return;
		}
		this.#groups = step.value;
	}

	/** Nothing is looked for any more; what was found stays. */
	stop(): void {
		this.#newest++;
	}

	/** Another project. */
	forget(): void {
		this.stop();
		this.#groups = null;
		this.#choices = new Map();
	}

	toggle(photoId: string): void {
		this.#choices = new Map(this.#choices).set(photoId, !this.marked.has(photoId));
	}

	/** All photos of the group stay. */
	keepAll({ photos }: SimilarPhotos): void {
		const choices = new Map(this.#choices);
		for (const id of photos) choices.set(id, false);
		this.#choices = choices;
	}

	/** The group as it was proposed. */
	propose({ photos }: SimilarPhotos): void {
		const choices = new Map(this.#choices);
		for (const id of photos) choices.delete(id);
		this.#choices = choices;
	}
}
