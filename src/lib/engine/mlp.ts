/**
 * The lecture's MLP on cached features. Its stopping epoch is a choice made with freedom, so it is made inside
 * the training folds: a grouped fifth of what trains is set aside, the epoch with the least loss on it is kept,
 * and what is reported comes from photos that none of it saw (learning.md §2). Imported dynamically.
 */
import { fitTemperature } from '../domain/calibration';
import { headLogits, type Head } from '../domain/head';
import { normalised } from '../domain/nearest';
import { Random } from '../domain/random';
import { groupedFolds, mostFolds } from '../domain/split';
import type { Epoch, MlpConfig, TrainingProgress, TrainingResult, TrainingSet } from '../domain/training';
import { measureGate, withFar } from './gate';
import { pick } from './look-alikes';
import { MlpNetwork, type Batch } from './mlp-network';
import { pauses, type Job } from './pause';
import { allViews, diverged, labelCounts, photoWeights, refuseOneLabel } from './problem';
import { figuresOf, setAside } from './set-aside';
import { startTf, type StartedTf, type TfWish } from './tf';

/** Epochs without a better validation loss after which a run ends. */
const PATIENCE = 10;

/**
 * Trains the MLP and judges it by one repeat of grouped folds.
 *
 * @param job told of every epoch of the run on all photos
 * @throws Trouble 'training-labels', 'training-diverged', 'tf-failed'; AbortError once stopped
 */
export async function trainMlp(
	set: TrainingSet,
	config: MlpConfig,
	job: Job<TrainingProgress>,
	wish: TfWish = 'auto'
): Promise<TrainingResult> {
	const begin = performance.now();
	refuseOneLabel(set);
	job.report({ words: 'Starting TensorFlow.js', done: 0 });
	const started = await startTf(wish);
	const data = prepare(set);
	const run = new Run(started, data, config, job.signal);
	const count = mostFolds(set.targets, set.groups);
	const parts = count + 1;
	const epochs: Epoch[] = [];
	const head = await run.train(all(set), (epoch) => {
		epochs.push(epoch);
		job.report({
			words: 'Learning, with a part set aside',
			done: epoch.epoch / config.epochs / parts,
			epoch
		});
	});
	const judged = count > 0 ? await judgeByFolds(run, data, config.seed, count, job) : null;
	return {
		head: { ...head, temperature: judged?.temperature ?? 1 },
		strength: null,
		outOfFold: judged?.outOfFold ?? null,
		gate: judged?.gate ? withFar(judged.gate, head, set) : null,
		epochs,
		engine: started.backend,
		time: performance.now() - begin
	};
}

interface Data {
	set: TrainingSet;
	/** Normalised, [photos, dimension] each: the photos as they are, then each view. */
	views: readonly Float32Array[];
	/** [photos] */
	weights: Float64Array;
}

function prepare(set: TrainingSet): Data {
	return {
		set,
		views: [set.features, ...set.augmented].map((matrix) => normalised(matrix, set.dimension)),
		weights: photoWeights(set.targets, labelCounts(set))
	};
}

const all = ({ targets }: TrainingSet) => [...targets.keys()];

async function judgeByFolds(
	run: Run,
	{ set }: Data,
	seed: number,
	folds: number,
	{ report, signal }: Job<TrainingProgress>
) {
	const { classes, dimension, targets, groups } = set;
	const split = groupedFolds(targets, groups, { folds, seed });
	const logits = new Float32Array(targets.length * classes);
	for (let fold = 0; fold < folds; fold++) {
		report({ words: 'Asking about photos it has not seen', done: (fold + 1) / (folds + 1) });
		const head = await run.train(all(set).filter((photo) => split[photo] !== fold));
		for (const photo of all(set).filter((one) => split[one] === fold)) {
			const features = set.features.subarray(photo * dimension, (photo + 1) * dimension);
			logits.set(headLogits(head, features), photo * classes);
		}
	}
	signal.throwIfAborted();
	const measured = await measureGate(set, { logits, repeats: 1, split, seed }, pauses(signal));
	const familiarity = measured?.familiarity ?? new Float32Array(0);
	return {
		temperature: fitTemperature(logits, 1, targets, classes),
		outOfFold: { logits, repeats: 1, familiarity },
		gate: measured?.gate ?? null
	};
}

/** Training runs with one configuration on parts of one set. */
class Run {
	readonly #pause: () => Promise<void>;

	constructor(
		readonly started: StartedTf,
		readonly data: Data,
		readonly config: MlpConfig,
		signal: AbortSignal
	) {
		this.#pause = pauses(signal);
	}

	/**
	 * @param photos that may be seen; a grouped fifth of them picks the epoch where there are enough
	 * @returns the head of the best epoch, or of the last one where nothing could be set aside
	 */
	async train(photos: readonly number[], onEpoch: (epoch: Epoch) => void = () => {}): Promise<Head> {
		const { set } = this.data;
		const { units, dropout, learningRate, epochs, seed } = this.config;
		const { train, validation } = setAside(set, photos, seed);
		const shape = { inputs: set.dimension, classes: set.classes, units, dropout, learningRate, seed };
		const network = new MlpNetwork(this.started.tf, shape);
		const random = new Random(seed + 1);
		let best: { head: Head; loss: number; epoch: number } | null = null;
		try {
			for (let epoch = 1; epoch <= epochs; epoch++) {
				await this.#epoch(network, random.shuffle(allViews(train, set)));
				const figures = await this.#figures(network, train, validation, epoch);
				onEpoch(figures);
				if (!best || figures.validationLoss === null || figures.validationLoss < best.loss)
					best = { head: await network.head(), loss: figures.validationLoss ?? 0, epoch };
				else if (epoch - best.epoch >= PATIENCE) break;
			}
			return best?.head ?? (await network.head());
		} finally {
			network.dispose();
		}
	}

	async #epoch(network: MlpNetwork, rows: readonly number[]): Promise<void> {
		for (let at = 0; at < rows.length; at += this.config.batch) {
			await this.#pause();
			const loss = await network.step(this.#batch(rows.slice(at, at + this.config.batch)));
			if (!Number.isFinite(loss)) throw diverged();
		}
	}

	#batch(rows: readonly number[]): Batch {
		const { set, views, weights } = this.data;
		const count = set.targets.length;
		const picked = new Float32Array(rows.length * set.dimension);
		rows.forEach((row, i) => {
			const from = (row % count) * set.dimension;
			const view = views[Math.floor(row / count)];
			if (view) picked.set(view.subarray(from, from + set.dimension), i * set.dimension);
		});
		return {
			rows: picked,
			targets: Int32Array.from(rows, (row) => set.targets[row % count] ?? 0),
			weights: Float32Array.from(rows, (row) => weights[row % count] ?? 0)
		};
	}

	async #figures(
		network: MlpNetwork,
		train: readonly number[],
		validation: readonly number[],
		epoch: number
	): Promise<Epoch> {
		const own = await this.#score(network, train);
		const other = validation.length > 0 ? await this.#score(network, validation) : null;
		if (!Number.isFinite(own.loss)) throw diverged();
		return {
			epoch,
			loss: own.loss,
			accuracy: own.accuracy,
			validationLoss: other?.loss ?? null,
			validationAccuracy: other?.accuracy ?? null
		};
	}

	/** Mean cross-entropy, weighted as in training, and accuracy on these photos as they are. */
	async #score(network: MlpNetwork, photos: readonly number[]) {
		const { set, views, weights } = this.data;
		const logits = await network.logits(pick(views[0] ?? set.features, set.dimension, photos));
		const { targets, classes } = set;
		return figuresOf(logits, photos, { targets, weights, classes });
	}
}
