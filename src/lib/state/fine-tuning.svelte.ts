/** Fine-tuning of the project that is open: whether its network can be, and a run of it. */
import { base } from '$app/paths';
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import type { Dataset } from '$lib/domain/dataset';
import type { Project } from '$lib/domain/project';
import type { HeadConfig, LayersConfig } from '$lib/domain/training';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { keepAwake } from '$lib/services/awake';
import { cardById } from '$lib/services/cards';
import { createShareWorker, makeEngine, openFile } from '$lib/services/engine-parts';
import {
	fineTune,
	keepTuned,
	type Standing,
	type TuneOptions,
	type TuneParts
} from '$lib/services/fine-tune';
import { begin, begunBefore, fellAgain, settle, type Ending } from '$lib/services/kept-tuning';
import type { Lesson } from '$lib/services/lesson';
import { ownOf } from '$lib/services/own-model';
import type { Circumstances } from '$lib/services/train';
import type { Trainer } from '$lib/services/trainer';
import { dropRows } from '$lib/storage/training';
import type { EngineState } from './engine.svelte';
import type { SettingsState } from './settings.svelte';

interface TrainOptions extends Omit<TuneOptions, 'from' | 'started' | 'backend'> {
	/** What it is held against, asked when it has ended. */
	standing(): Standing;
}

/** The backbone's last blocks cannot be trained, or not so many of them. */
const refusals = new Set(['finetune-operator', 'finetune-cut']);

export class FineTuning {
	readonly #trainer: Trainer;
	readonly #settings: SettingsState;
	readonly #engine: EngineState;
	#refusal: { backboneId: string; words: string } | null = $state.raw(null);

	constructor(trainer: Trainer, settings: SettingsState, engine: EngineState) {
		[this.#trainer, this.#settings, this.#engine] = [trainer, settings, engine];
	}

	/** Why this network can take a new head only, in words; null where it can be trained, or nobody has asked yet. */
	refusal(backboneId: string | undefined): string | null {
		return this.#refusal?.backboneId === backboneId ? (this.#refusal?.words ?? null) : null;
	}

	/** Finds out whether anything of a network can be trained. Never fails: what else is wrong is told by the run. */
	async ask(backboneId: string, signal: AbortSignal): Promise<void> {
		const card = cardById(backboneId);
		if (!card) return;
		try {
			const backbone = await openBackbone(card.file);
			await this.#trainer.tryCut({ backbone, card, blocks: 1 }, { signal });
		} catch (cause) {
			if (refusals.has(codeOf(cause))) this.#refuse(backboneId, cause);
		}
	}

	/**
	 * Trains and keeps what came of it, as `keepTuned` has it. Whoever aborts the signal settles what was kept.
	 *
	 * @throws as `fineTune`, 'storage-full', 'not-saved'; AbortError
	 */
	async train(
		{ project, photos }: Lesson,
		dataset: Dataset,
		circumstances: Circumstances & { config: LayersConfig; head: HeadConfig },
		{ standing, ...watched }: TrainOptions
	): Promise<void> {
		const { id: projectId, views } = project;
		const card = cardById(circumstances.backbone.id);
		if (!card) throw new Trouble('backbone-unknown', 'This project’s network is not here any more.');
		// What a run before it left would be taken for this one's.
		await dropRows(projectId);
		const wanted = { projectId, from: circumstances.from, backbone: circumstances.backbone.sha256 };
		const begun = await begunBefore(wanted, circumstances.config);
		if (!begun) await begin(wanted, circumstances.config, circumstances.now);
		let ending: Ending | null = null;
		const over = new AbortController();
		keepAwake(over.signal);
		try {
			const tuned = await fineTune(this.#partsFor(project), { dataset, card, photos, views }, circumstances, {
				...watched,
				// The app's own rows; their form is told in them.
				from: (begun?.state ?? null) as TuneOptions['from'],
				started: begun?.started ?? circumstances.now,
				...((this.#settings.value.backend === 'wasm' || fellAgain(begun)) && { backend: 'wasm' as const })
			});
			await keepTuned(tuned, standing());
			ending = { kind: 'done' };
		} catch (cause) {
			if (!watched.signal.aborted) ending = { kind: 'failed', cause };
			throw this.#refused(cause, circumstances);
		} finally {
			over.abort();
			if (ending) await settle(projectId, ending);
		}
	}

	#refuse(backboneId: string, cause: unknown): void {
		this.#refusal = { backboneId, words: asTrouble(cause, 'training-failed', '').message };
	}

	/** Notes that nothing of the network can be trained. @returns the cause; where fewer blocks may do, with words of that */
	#refused(cause: unknown, { backbone, config }: Pick<Circumstances, 'backbone'> & { config: LayersConfig }) {
		if (config.kind !== 'fine-tune' || !refusals.has(codeOf(cause))) return cause;
		if (codeOf(cause) === 'finetune-operator' && config.blocks > 1) return fewer(cause);
		this.#refuse(backbone.id, cause);
		return cause;
	}

	#partsFor(project: Project): TuneParts {
		return {
			trainer: this.#trainer,
			openBackbone,
			make: (model, signal) => {
				const labels = model.labels.map(({ name }) => name);
				const parts = { createWorker: createShareWorker, openBackbone };
				return ownOf(parts, { project, model, run: null, labels }, signal);
			},
			engineFor: async (card: BackboneCard, files) => {
				const { backend, threads } = this.#settings.value;
				// Where the network itself did not run on the graphics processor, its trunk would not either.
				const fell = this.#engine.status.backend === 'wasm';
				const engine = makeEngine(base, files);
				await engine.use(card, fell ? 'wasm' : backend, threads ?? 1);
				return engine;
			}
		};
	}
}

const openBackbone = async (file: FileFacts) => (await openFile(file, { base })).bytes;

const codeOf = (cause: unknown) => asTrouble(cause, 'training-failed', '').code;

function fewer(cause: unknown): Trouble {
	const { code, message } = asTrouble(cause, 'training-failed', '');
	return new Trouble(code, `${message} With fewer blocks it may do (“More ways”).`, { cause });
}
