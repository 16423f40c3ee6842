/** Looks at a project's photos in the background, as they arrive: the features that learning stands on. */
import { takingPart } from '$lib/domain/dataset';
import type { Photo, Project } from '$lib/domain/project';
import type { ViewName } from '$lib/domain/view';
import { cardById } from '$lib/services/cards';
import { Features } from '$lib/services/embed';
import { markOfLesson, type Lesson } from '$lib/services/lesson';
import { forBackbone } from '$lib/services/one-backbone';
import { asOnly } from '$lib/services/project-news';
import type { EngineState } from './engine.svelte';

/** Milliseconds a photo takes, until it was measured here. */
const USUAL_PACE = 20;

export class Looking {
	readonly #engine: EngineState;
	readonly #lesson: () => Lesson | null;
	readonly #onLooked: () => void;
	#features: Features | null = null;
	#running: Promise<void> | null = null;
	#again = false;
	#looked = $state(0);
	#progress: { done: number; of: number } | null = $state.raw(null);
	#waits = $state(false);
	/** By photo id. */
	#damaged: ReadonlyMap<string, string> = $state.raw(new Map());
	#pace = USUAL_PACE;
	/** Photos to look at. */
	readonly #wanted: readonly Photo[] = $derived.by(() => {
		const { labels = [], photos = [] } = this.#lesson() ?? {};
		return takingPart(labels, photos);
	});

	/** @param onLooked is called after each photo, and when there is nothing left to look at */
	constructor(engine: EngineState, lesson: () => Lesson | null, onLooked: () => void) {
		this.#engine = engine;
		this.#lesson = lesson;
		this.#onLooked = onLooked;
	}

	/** null until the project's features have been read. */
	get features(): Features | null {
		return this.#features;
	}

	/** Stands for what there is to learn from now (`markOf`); '' where nothing has been read. */
	get mark(): string {
		const lesson = this.#lesson();
		return lesson && this.#features ? markOfLesson(lesson, this.#features) : '';
	}

	/** Of the photos that came last, `done` 0..1; null while there is nothing to do. */
	get step(): { words: string; done: number } | null {
		// What the other finds is found here too.
		if (this.#waits)
			return { words: 'Another tab is looking at the photos; this one goes on when it has ended', done: 0 };
		if (!this.#progress) return null;
		const { done, of } = this.#progress;
		return { words: `Looking at your photos: ${done} of ${of}`, done: done / of };
	}

	/** How many photos have their features. */
	get looked(): number {
		return this.#looked;
	}

	/** Photos that cannot be read, one sentence each. */
	get damaged(): readonly string[] {
		if (this.#damaged.size === 0) return [];
		const words = this.#wanted.flatMap(({ id }) => this.#damaged.get(id) ?? []);
		return [...new Set(words)];
	}

	/** About how long it takes to look at what is left, in milliseconds. */
	get left(): number {
		return Math.max(0, this.#wanted.length - this.#looked) * this.#pace;
	}

	/** Brings back what was computed before. @throws Trouble of the storage */
	async open(project: Project, signal: AbortSignal): Promise<void> {
		const card = cardById(project.backboneId);
		if (!card) return;
		const engine = forBackbone(this.#engine.service, () => card.id);
		const features = new Features(engine, project, card.file.sha256);
		await features.load();
		if (!signal.aborted) this.#features = features;
	}

	close(): void {
		this.#features = null;
		this.#running = null;
		this.#looked = 0;
		this.#progress = null;
		this.#waits = false;
		this.#damaged = new Map();
	}

	/**
	 * Computes what is missing. One run at a time: photos that come meanwhile are taken along.
	 *
	 * @throws Trouble where features cannot be kept
	 */
	look(signal: AbortSignal): Promise<void> {
		if (!this.#features) return Promise.resolve();
		this.#again = true;
		if (!this.#running) {
			const running = this.#all(this.#features, signal).finally(() => {
				if (this.#running !== running) return;
				this.#running = null;
				this.#progress = null;
			});
			this.#running = running;
		}
		return this.#running;
	}

	async #all(features: Features, signal: AbortSignal): Promise<void> {
		while (this.#again && !signal.aborted) {
			this.#again = false;
			await this.#once(features, signal);
			if (!signal.aborted) this.#onLooked();
		}
	}

	async #once(features: Features, signal: AbortSignal): Promise<void> {
		const lesson = this.#lesson();
		if (!lesson) return;
		const { id, views } = lesson.project;
		const wanted = this.#wanted;
		const missing = wanted.filter((photo) => !features.has(photo.id, views));
		this.#looked = wanted.length - missing.length;
		if (missing.length === 0) return;
		const turn = async () => {
			this.#waits = false;
			await features.find(missing, views);
			await this.#compute(features, wanted, views, signal);
		};
		await asOnly(`looking ${id}`, signal, turn, () => (this.#waits = !signal.aborted));
	}

	async #compute(
		features: Features,
		wanted: readonly Photo[],
		views: readonly ViewName[],
		signal: AbortSignal
	): Promise<void> {
		const missing = wanted.filter(({ id }) => !features.has(id, views));
		if (missing.length === 0) return;
		const begin = performance.now();
		await features.add(missing, {
			views,
			signal,
			onPhoto: (done) => {
				if (signal.aborted) return;
				this.#looked = wanted.length - missing.length + done;
				this.#pace = (performance.now() - begin) / done;
				this.#progress = { done, of: missing.length };
				this.#onLooked();
			},
			onTrouble: ({ id }, { message }) => {
				if (!signal.aborted) this.#damaged = new Map([...this.#damaged, [id, message]]);
			}
		});
	}
}
