/** Goes on learning between training runs: the head is solved again after each new photo. */
import type { Model, TrainingRun } from '$lib/domain/model';
import type { Features } from '$lib/services/embed';
import {
	circumstancesOf,
	datasetOfLesson,
	hasAllViews,
	markOfLesson,
	markOfWhole,
	type Lesson
} from '$lib/services/lesson';
import { asOnly } from '$lib/services/project-news';
import { relearn } from '$lib/services/train';
import type { Trainer } from '$lib/services/trainer';
import { readLiveModel, saveLiveModel } from '$lib/storage/models';

/** What it stands on, as it is at the moment. */
interface Ground {
	lesson: Lesson;
	features: Features;
	/** The model in use and its run; null before the first. */
	judged: { model: Model; run: TrainingRun | null } | null;
	/** What answers. */
	model: Model | null;
	/** Ends with the project. */
	signal: AbortSignal;
}

interface Parts {
	trainer: Trainer;
	/** null while there is nothing to learn from, or it is not wanted, or a training run goes on. */
	ground(): Ground | null;
	onLearned(): void;
	onTrouble(cause: unknown): void;
}

export class Practice {
	readonly #parts: Parts;
	#live: Model | null = $state.raw(null);
	#running = false;
	#again = false;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** What it has made; null where nothing was learned since the last run. */
	get live(): Model | null {
		return this.#live;
	}

	/** Takes over what was kept of an earlier visit, or of another tab. */
	take(live: Model | null): void {
		this.#live = live;
	}

	/** A model that answers as it is until photos change; from then on it goes on learning. */
	async pin(model: Model, from: string): Promise<void> {
		await saveLiveModel({ ...model, from });
	}

	/** One at a time; photos that come meanwhile are learned together by the next. Never fails. */
	async learn(): Promise<void> {
		this.#again = true;
		if (this.#running) return;
		this.#running = true;
		try {
			for (let ground = this.#parts.ground(); this.#again && ground; ground = this.#parts.ground()) {
				this.#again = false;
				await this.#once(ground).catch((cause: unknown) => {
					if (!ground?.signal.aborted) this.#parts.onTrouble(cause);
				});
			}
		} finally {
			this.#running = false;
		}
	}

	async #once({ lesson, features, judged, model, signal }: Ground): Promise<void> {
		const from = markOfLesson(lesson, features);
		const marks = [judged?.run?.from, this.#live?.from];
		// What came from a file was learned from photos that are still to be looked at: nothing new is among them.
		const known = marks.includes(from) || marks.includes(markOfWhole(lesson));
		// An MLP or a tuned network stays as it is until the next run.
		const stays = judged !== null && (judged.run?.config.kind === 'mlp' || judged.model.tail !== undefined);
		if (known || stays || !hasAllViews(lesson, features)) return;
		const { trainer } = this.#parts;
		const dataset = await datasetOfLesson(lesson, features, { trainer, judged: false, signal });
		if (!dataset) return;
		await asOnly(`learning on ${lesson.project.id}`, signal, async () => {
			// Another tab may have learned the same meanwhile.
			const kept = await readLiveModel(lesson.project.id);
			const circumstances = circumstancesOf(lesson, from, Date.now());
			const before = { model, judged };
			const live =
				kept?.from === from ? kept : await relearn(trainer, dataset, circumstances, { before, signal });
			if (signal.aborted) return;
			this.#live = live;
			if (live !== kept) await saveLiveModel(live);
			this.#parts.onLearned();
		});
	}
}
