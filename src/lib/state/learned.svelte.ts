/** What a project has learned so far: its runs, which model answers, and whether photos have changed since. */
import { answering, type Model, type TrainingRun } from '$lib/domain/model';
import type { Project } from '$lib/domain/project';
import { listRuns, readLiveModel, readModel, useModel } from '$lib/storage/models';
import type { Practice } from './practice.svelte';

export class Learned {
	readonly #practice: Pick<Practice, 'live' | 'take' | 'pin'>;
	#runs: readonly TrainingRun[] = $state.raw([]);
	#judged: Model | null = $state.raw(null);
	/** Of what is there to learn from (`markOf`), once all of it was looked at; '' before. */
	#mark = $state('');

	constructor(practice: Pick<Practice, 'live' | 'take' | 'pin'>) {
		this.#practice = practice;
	}

	get runs(): readonly TrainingRun[] {
		return this.#runs;
	}

	/** The run of the model in use. */
	get run(): TrainingRun | null {
		return this.#runs.find(({ modelId }) => modelId !== null && modelId === this.#judged?.id) ?? null;
	}

	/** The model in use, as it was judged, and its run; null before the first. */
	get judged(): { model: Model; run: TrainingRun | null } | null {
		return this.#judged && { model: this.#judged, run: this.run };
	}

	/** What answers: the trained model, or one that has gone on learning since. */
	get model(): Model | null {
		const { live } = this.#practice;
		return answering({ judged: this.#judged, judgedFrom: this.run?.from ?? null, live }, this.#mark);
	}

	/** Of what is there to learn from (`markOf`), once all of it was looked at; '' before. */
	get mark(): string {
		return this.#mark;
	}

	/** Photos or labels changed since the model in use was trained and judged. */
	get stale(): boolean {
		const { run } = this;
		return run !== null && this.#mark !== '' && run.from !== this.#mark;
	}

	/** Reads it, again where it may have changed. @throws Trouble of the storage */
	async read({ id, modelId }: Project, signal: AbortSignal): Promise<void> {
		const [runs, judged, live] = await Promise.all([
			listRuns(id),
			modelId === null ? null : readModel(modelId),
			readLiveModel(id)
		]);
		if (signal.aborted) return;
		this.#runs = runs;
		this.#judged = judged;
		this.#practice.take(live);
	}

	/** All that is there was looked at. @param mark stands for it (`markOf`) */
	compare(mark: string): void {
		this.#mark = mark;
	}

	/**
	 * What was learned from all that is there answers at once, before it has been looked at again.
	 *
	 * @param mark stands for all of it (`markOfAll`)
	 */
	foresee(mark: string): void {
		if ([this.run?.from, this.#practice.live?.from].includes(mark)) this.#mark = mark;
	}

	/** Makes an older model the one in use again; `read` finds it so. @throws Trouble of the storage */
	async use(projectId: string, modelId: string): Promise<void> {
		await useModel(projectId, modelId, Date.now());
		const model = await readModel(modelId);
		if (model) await this.#practice.pin(model, this.#mark);
	}

	close(): void {
		this.#runs = [];
		this.#judged = null;
		this.#practice.take(null);
		this.#mark = '';
	}
}
