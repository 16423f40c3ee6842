/** Fine-tuning of the project that is open: whether its network can be, a run of it, and one that broke off. */
import { base } from '$app/paths';
import type { BackboneCard } from '$lib/domain/card';
import type { Dataset } from '$lib/domain/dataset';
import type { FineTuneConfig, HeadConfig } from '$lib/domain/training';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { cardById } from '$lib/services/cards';
import { makeEngine, openFile } from '$lib/services/engine-parts';
import { fineTune, keepTuned, type TuneOptions, type TuneParts } from '$lib/services/fine-tune';
import type { Lesson } from '$lib/services/lesson';
import type { Circumstances } from '$lib/services/train';
import type { Trainer } from '$lib/services/trainer';
import { dropRows, dropTuning, keepTuning, readTuning, type KeptTuning } from '$lib/storage/training';
import type { SettingsState } from './settings.svelte';

interface TrainOptions extends Omit<TuneOptions, 'from' | 'started'> {
	/** The model in use was learned from the same photos. */
	fresh: boolean;
	/** Where a run broke off. */
	kept: KeptTuning | null;
	/** The project was left, not the run stopped: it goes on when that is opened again. */
	left: AbortSignal;
}

/** The backbone can take a new head only. */
const refusals = new Set(['finetune-operator', 'finetune-cut']);

export class FineTuning {
	readonly #trainer: Trainer;
	readonly #settings: SettingsState;
	#refusal: { backboneId: string; words: string } | null = $state.raw(null);

	constructor(trainer: Trainer, settings: SettingsState) {
		this.#trainer = trainer;
		this.#settings = settings;
	}

	/** Why this network can take a new head only, in words; null where it can be trained, or nobody has asked yet. */
	refusal(backboneId: string | undefined): string | null {
		return this.#refusal?.backboneId === backboneId ? (this.#refusal?.words ?? null) : null;
	}

	/** Finds out whether a network can be trained. Never fails: what else is wrong is told by the run. */
	async ask(backboneId: string, blocks: number, signal: AbortSignal): Promise<void> {
		const card = cardById(backboneId);
		if (!card) return;
		try {
			const backbone = await this.#parts.openBackbone(card.file);
			await this.#trainer.cut({ backbone, card, blocks }, { signal });
		} catch (cause) {
			this.#note(backboneId, cause);
		}
	}

	/**
	 * Trains and keeps what came of it: the tuned model is in use from then on where it is better than the head, else
	 * the model before it stays, or the head where that is out of date.
	 *
	 * @throws as `fineTune`, 'storage-full', 'not-saved'; AbortError
	 */
	async train(
		{ project: { id: projectId, views }, photos }: Lesson,
		dataset: Dataset,
		circumstances: Circumstances & { config: FineTuneConfig; head: HeadConfig },
		{ fresh, kept, left, ...watched }: TrainOptions
	): Promise<void> {
		const card = cardById(circumstances.backbone.id);
		if (!card) throw new Trouble('backbone-unknown', 'This project’s network is not here any more.');
		// What a run before it left would be taken for this one's.
		await dropRows(projectId);
		const begun = kept ?? (await this.#sameBegun(projectId, circumstances));
		let goesOn = false;
		try {
			const tuned = await fineTune(this.#parts, { dataset, card, photos, views }, circumstances, {
				...watched,
				// The app's own rows; their form is told in them.
				from: (begun?.state ?? null) as TuneOptions['from'],
				started: begun?.started ?? circumstances.now
			});
			await keepTuned(tuned, fresh);
		} catch (cause) {
			this.#note(circumstances.backbone.id, cause);
			// A worker that died: the next press goes on where it was.
			goesOn = left.aborted || (!watched.signal.aborted && codeOf(cause) === 'training-stopped');
			throw cause;
		} finally {
			await Promise.allSettled([goesOn ? null : dropTuning(projectId), dropRows(projectId)]);
		}
	}

	/** Where a run with the same settings, of the same photos, broke off; what is of another one is let go. */
	async #sameBegun(
		projectId: string,
		{ config, from, backbone }: Circumstances & { config: FineTuneConfig }
	): Promise<KeptTuning | null> {
		const kept = await readTuning(projectId);
		const same = JSON.stringify(kept?.config) === JSON.stringify(config);
		if (kept && same && kept.from === from && kept.backbone === backbone.sha256) return kept;
		await dropTuning(projectId);
		return null;
	}

	/** Whether a run of the project broke off. @throws Trouble 'not-read' */
	async hasBrokenOff(projectId: string): Promise<boolean> {
		return (await readTuning(projectId)) !== null;
	}

	/**
	 * What broke off with the page, once for each time that it got on: what breaks off where it did before is given up.
	 *
	 * @param from mark of what there is to learn from now
	 * @returns null where there is nothing to go on with
	 * @throws Trouble 'training-broke-off' where it cannot go on, in words
	 */
	async brokenOff(
		{ id, backboneId }: { id: string; backboneId: string },
		from: string
	): Promise<KeptTuning | null> {
		const kept = await readTuning(id);
		if (!kept) return null;
		const same = kept.from === from && kept.backbone === cardById(backboneId)?.file.sha256;
		if (!same || kept.resumed === kept.saved) {
			await dropTuning(id);
			throw same ? broke() : changed();
		}
		await keepTuning({ ...kept, resumed: kept.saved });
		return kept;
	}

	#note(backboneId: string, cause: unknown): void {
		if (refusals.has(codeOf(cause)))
			this.#refusal = { backboneId, words: asTrouble(cause, 'training-failed', '').message };
	}

	get #parts(): TuneParts {
		return {
			trainer: this.#trainer,
			openBackbone: async (file) => (await openFile(file, { base })).bytes,
			engineFor: async (card: BackboneCard, files) => {
				const { backend, threads } = this.#settings.value;
				const engine = makeEngine(base, files);
				await engine.use(card, backend, threads ?? 1);
				return engine;
			}
		};
	}
}

const codeOf = (cause: unknown) => asTrouble(cause, 'training-failed', '').code;

const changed = () =>
	new Trouble(
		'training-broke-off',
		'A fine-tuning broke off when the page was closed. Photos or labels have changed since, so it cannot go on. Train again to begin anew.'
	);
const broke = () =>
	new Trouble(
		'training-broke-off',
		'A fine-tuning broke off twice at the same place and was given up. The device may be short of memory: close other tabs and train again, with fewer blocks.'
	);
