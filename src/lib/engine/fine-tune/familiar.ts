/** "Not sure" for a tuned network: it has seen its photos, so how strange new ones look is told by the folds' networks. */
import { dot, Nearest, normalised } from '../../domain/nearest';
import { Random } from '../../domain/random';
import { energy, gateOf, neighboursOf, type Gated } from '../../domain/strangers';
import type { TrainingSet } from '../../domain/training';
import { pick } from '../look-alikes';

/** Seen photos that each held-out one is compared with, and that the gate keeps, at most. */
const MOST_IN_BANK = 2000;

/** What photos that a fold's network had not seen were like to it. */
export class Familiarity {
	readonly #set: TrainingSet;
	readonly #neighbours: number;
	readonly #similarity: Float32Array;
	readonly #energies: Float32Array;
	readonly #judged: Uint8Array;
	readonly #random: Random;

	constructor(set: TrainingSet, seed: number) {
		const photos = set.targets.length;
		this.#set = set;
		this.#neighbours = neighboursOf(set.groups);
		this.#similarity = new Float32Array(photos);
		this.#energies = new Float32Array(photos);
		this.#judged = new Uint8Array(photos);
		this.#random = new Random(seed);
	}

	/**
	 * @param features of all photos by a network that has seen all but `held`, [photos, dimension]
	 * @param logits the same, [photos, classes]
	 * @param pause is awaited now and then
	 */
	async add(
		held: readonly number[],
		features: Float32Array,
		logits: Float32Array,
		pause: () => Promise<void>
	): Promise<void> {
		const { classes, dimension, groups, targets } = this.#set;
		if (this.#neighbours < 1) return;
		const rows = normalised(features, dimension);
		const hidden = new Set(held);
		const seen = this.#some([...targets.keys()].filter((photo) => !hidden.has(photo)));
		for (const photo of held) {
			await pause();
			const nearest = new Nearest(1, this.#neighbours);
			for (const other of seen)
				if (groups[other] !== groups[photo])
					nearest.meet(0, dot(rows, other * dimension, rows, photo * dimension, dimension));
			this.#similarity[photo] = nearest.kth(0);
			this.#energies[photo] = energy(logits.subarray(photo * classes, (photo + 1) * classes));
			this.#judged[photo] = 1;
		}
	}

	/**
	 * @param features of all photos by the network that will answer, [photos, dimension]
	 * @returns null where there were too few photos
	 */
	gate(features: Float32Array): Gated | null {
		const { dimension, groups, targets } = this.#set;
		if (this.#neighbours < 1) return null;
		const bank = pick(features, dimension, this.#some([...targets.keys()]));
		return gateOf({
			...{ similarity: this.#similarity, energies: this.#energies, judged: this.#judged },
			...{ groups, neighbours: this.#neighbours, bank: normalised(bank, dimension) }
		});
	}

	#some(photos: readonly number[]): number[] {
		return this.#random.shuffle(photos).slice(0, MOST_IN_BANK);
	}
}
