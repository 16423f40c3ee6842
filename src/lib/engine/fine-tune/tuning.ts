/** The networks of fine-tuning, one after another: those of the folds, then the one that answers. */
import { groupedFolds, mostFolds } from '../../domain/split';
import type { Epoch, TrainingProgress, TrainingSet } from '../../domain/training';
import { pauses, type Job } from '../pause';
import type { StartedTf, TfBackend } from '../tf';
import { strangenessOf } from './familiar';
import { fit, type Fitted, type LookAt, type Material } from './fit';
import {
	bestPlace,
	judgedBy,
	meanEpoch,
	sharesAt,
	type Fold,
	type Judged,
	type Look,
	type Place
} from './folds';
import { Pace } from './pace';
import { stepsOf, type Standing, type TuneConfig } from './run';

/** Photos whose features are told as they are: where the network is put together, it is held against them. */
const FIRST = 4;

/** What is kept is of this form; another one is not understood. */
const TUNING_FORM = 4;

/** Where all of it stands between two steps: plain data. */
export interface TuningState {
	form: typeof TUNING_FORM;
	/** Where it trained: on another one it would round otherwise. */
	backend: TfBackend;
	/** Epochs that each network takes: fewer once the person had enough, or the folds told which number is best. */
	until: number;
	/** Folds that are done. */
	folds: readonly Fold[];
	/** Of the fold under way. */
	looks: readonly Look[];
	/** Of the network that trains; null between two of them. */
	standing: Standing | null;
	/** Milliseconds that it took so far. */
	time: number;
}

export interface TuningJob extends Job<TrainingProgress> {
	/** Whether the person has enough: the first network ends with its epoch, and no other takes more. */
	enough?(): boolean;
	from?: TuningState | null;
	/** Asked between steps whether to keep where it stands. */
	keeps?(): boolean;
	keep?(state: TuningState): Promise<void>;
}

/** The network that answers. */
interface Learned extends Fitted {
	/** Epochs that it took, and how much of what it learned was kept, 0..1. */
	taken: number;
	share: number;
	/** What it says of the photos, and of what comes after them; [rows, dimension] each. */
	features: Float32Array;
	tested: Float32Array<ArrayBuffer>;
	/** Of the first photos. */
	first: Float32Array<ArrayBuffer>;
}

/** Begins where an earlier run stood, if there is one. Call `judge`, then `learn`. */
export class Tuning {
	readonly #started: StartedTf;
	readonly #material: Material;
	readonly #config: TuneConfig;
	readonly #job: TuningJob;
	/** [folds][held] */
	readonly #held: readonly (readonly number[])[];
	readonly #pause: () => Promise<void>;
	readonly #pace = new Pace();
	readonly #begin = performance.now();
	/** Milliseconds that an earlier run took. */
	readonly #before: number;
	#until: number;
	/** Of what the network that answers learns, what it keeps. */
	#share = 1;
	#folds: Fold[];
	#looks: Look[];
	#from: Standing | null;

	constructor(started: StartedTf, material: Material, config: TuneConfig, job: TuningJob) {
		[this.#started, this.#material, this.#config, this.#job] = [started, material, config, job];
		this.#held = heldOf(material.set, config.seed);
		this.#pause = pauses(job.signal);
		const from = job.from?.form === TUNING_FORM ? job.from : fresh(config);
		const { until, folds, looks, standing, time } = from;
		this.#before = time;
		[this.#until, this.#folds, this.#looks, this.#from] = [until, [...folds], [...looks], standing];
	}

	get #photos(): readonly number[] {
		return [...this.#material.set.targets.keys()];
	}

	/** Milliseconds that it took, with what an earlier run took before. */
	get time(): number {
		return this.#before + performance.now() - this.#begin;
	}

	/** @returns null where there are too few photos for folds */
	async judge(): Promise<Judged | null> {
		const curves = this.#folds.map(({ epochs }) => epochs);
		const done = this.#from?.epochs.length ?? 0;
		for (const { epoch } of curves[0] ?? []) this.#tell(done, meanEpoch(curves, epoch));
		for (let fold = this.#folds.length; fold < this.#held.length; fold++) {
			const held = this.#held[fold] ?? [];
			const { epochs } = await this.#train(held, async (epoch, last, look) => {
				if (last && fold === 0) this.#until = epoch.epoch;
				const { epochs } = this.#config;
				const anew = this.#material.begins !== undefined;
				for (const share of sharesAt(epoch.epoch, { epochs, last, anew }))
					this.#looks.push(await this.#look(held, { epoch: epoch.epoch, share }, look));
			});
			this.#folds.push({ held, looks: this.#looks, epochs });
			this.#looks = [];
		}
		if (this.#folds.length === 0) return null;
		const { set } = this.#material;
		({ epoch: this.#until, share: this.#share } = bestPlace(this.#folds, set));
		return judgedBy(this.#folds, set);
	}

	/** The network that will answer, from all photos, and what it says of them and of what comes after them. */
	async learn(): Promise<Learned> {
		const { activations, set } = this.#material;
		const views = 1 + set.augmented.length;
		const photos = this.#photos;
		const after = Array.from(
			{ length: activations.rows - views * photos.length },
			(_, i) => views * photos.length + i
		);
		let [features, tested] = [new Float32Array(0), new Float32Array(0)];
		const fitted = await this.#train([], async (_, last, look) => {
			if (!last) return;
			features = (await look(photos, this.#share)).features;
			tested = (await look(after, this.#share)).features;
		});
		const curves = this.#folds.map(({ epochs }) => epochs);
		const epochs = curves[0]?.map(({ epoch }) => meanEpoch(curves, epoch)) ?? fitted.epochs;
		const first = features.slice(0, FIRST * (features.length / photos.length));
		return { ...fitted, epochs, taken: fitted.epochs.length, share: this.#share, features, tested, first };
	}

	/** @param held photos that it must not see */
	async #train(
		held: readonly number[],
		onEpoch: (epoch: Epoch, last: boolean, look: LookAt) => Promise<void>
	): Promise<Fitted> {
		const hidden = new Set(held);
		const photos = this.#photos.filter((photo) => !hidden.has(photo));
		const from = this.#from;
		this.#from = null;
		const until = this.#until;
		const curve = [...(from?.epochs ?? [])];
		const steps = stepsOf(photos.length * (1 + this.#material.set.augmented.length), this.#config);
		return fit(
			this.#started,
			this.#material,
			this.#config,
			{ photos, checked: held, until, share: held.length > 0 ? 1 : this.#share, from },
			{
				pause: this.#pause,
				enough: () => this.#canEnd && (this.#job.enough?.() ?? false),
				onStep: (done) => this.#tell(done / steps),
				onEpoch: async (epoch, last, look) => {
					curve.push(epoch);
					await onEpoch(epoch, last, look);
					const folds = this.#folds.map(({ epochs }) => epochs);
					const curves = held.length > 0 || folds.length === 0 ? [...folds, curve] : folds;
					this.#tell(epoch.epoch, meanEpoch(curves, epoch.epoch));
				},
				keeps: () => this.#job.keeps?.() ?? false,
				keep: async (standing) => this.#job.keep?.(this.#state(standing))
			}
		);
	}

	/** @param epochs that the network under way has done, with a fraction @param epoch that ended just now */
	#tell(epochs: number, epoch?: Epoch): void {
		const [fold, folds] = [this.#folds.length, this.#held.length];
		const all = this.#photos.length;
		const legs = [...this.#held.map(({ length }) => all - length), all].map((photos) => ({
			photos,
			epochs: this.#until
		}));
		const at = `epoch ${Math.min(this.#until, Math.floor(epochs) + 1)} of ${this.#until}`;
		const judging = fold < folds;
		this.#job.report({
			words: judging ? `Judging, part ${fold + 1} of ${folds}: ${at}` : `Learning from all photos: ${at}`,
			...this.#pace.at(legs, fold, epochs),
			canEnd: this.#canEnd,
			...(epoch && { epoch })
		});
	}

	/** How many epochs there are is not settled yet. */
	get #canEnd(): boolean {
		return this.#folds.length === 0;
	}

	async #look(held: readonly number[], place: Place, look: LookAt): Promise<Look> {
		const { set } = this.#material;
		const said = await look(this.#photos, place.share);
		const { classes } = set;
		const logits = new Float32Array(held.length * classes);
		for (const [i, photo] of held.entries())
			logits.set(said.logits.subarray(photo * classes, (photo + 1) * classes), i * classes);
		const options = { seed: this.#config.seed, pause: this.#pause };
		return { ...place, logits, ...(await strangenessOf(set, held, said, options)) };
	}

	#state(standing: Standing): TuningState {
		return {
			...{ form: TUNING_FORM, backend: this.#started.backend },
			...{ until: this.#until, folds: [...this.#folds], looks: [...this.#looks], standing },
			time: this.time
		};
	}
}

const fresh = ({ epochs }: TuneConfig): Omit<TuningState, 'form' | 'backend'> => ({
	until: epochs,
	folds: [],
	looks: [],
	standing: null,
	time: 0
});

/** Photos that each fold holds out; no folds where there are too few. */
function heldOf({ targets, groups }: TrainingSet, seed: number): number[][] {
	const folds = mostFolds(targets, groups);
	if (folds === 0) return [];
	const split = groupedFolds(targets, groups, { folds, seed });
	return Array.from({ length: folds }, (_, fold) =>
		[...targets.keys()].filter((photo) => split[photo] === fold)
	);
}
