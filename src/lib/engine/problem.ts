/** A training set as the solver sees it: one row for each photo, and one more for each view of it. */
import type { TrainingSet } from '../domain/training';
import { Trouble } from '../domain/trouble';
import { makeDesign } from './solvers/design';
import { preconditioner, type Preconditioner } from './solvers/preconditioner';
import { solveSoftmax, type Solution, type Task } from './solvers/softmax-regression';

/** From this many times as many photos of one label as of another on, labels are weighted. */
const LOPSIDED = 3;
/** No photo counts for more than so many of a balanced set. */
const MOST_WEIGHT = 10;

export class Problem {
	readonly set: TrainingSet;
	readonly photos: number;
	readonly task: Task;
	readonly #factors = new Map<number, Preconditioner>();

	/**
	 * @param normalise whether features are divided by their norm
	 * @throws Trouble 'training-labels' with fewer than two labels, 'training-diverged' where features are no numbers
	 */
	constructor(set: TrainingSet, normalise = true) {
		refuseOneLabel(set);
		this.set = set;
		this.photos = set.targets.length;
		const views = [set.features, ...set.augmented];
		const perPhoto = photoWeights(set.targets, labelCounts(set));
		const design = makeDesign(views, { dimension: set.dimension, classes: set.classes, normalise });
		if (!design.mean.every(Number.isFinite)) {
			design.workspace.release();
			throw diverged();
		}
		this.task = {
			design,
			targets: Int32Array.from(views.flatMap(() => [...set.targets])),
			classes: set.classes,
			weights: Float64Array.from(views.flatMap(() => [...perPhoto]))
		};
	}

	/** Gives its memory back; it must not be used any more. */
	release(): void {
		this.task.design.workspace.release();
	}

	/** Rows of these photos, in all views. */
	rowsOf(photos: readonly number[]): Int32Array {
		return Int32Array.from(allViews(photos, this.set));
	}

	/**
	 * @param task another one on the same design; this problem's own without it
	 * @throws Trouble 'training-diverged' where the numbers are no numbers
	 */
	solve(rows: Int32Array, lambda: number, start: Float64Array | null, task = this.task): Solution {
		const factor = this.#factors.get(lambda) ?? preconditioner(task.design, lambda);
		this.#factors.set(lambda, factor);
		const solution = solveSoftmax(task, rows, lambda, start, factor);
		if (!Number.isFinite(solution.loss)) throw diverged();
		return solution;
	}
}

/** Numbers of these photos' rows: as they are, then in each view, whose rows follow those of all photos. */
export function allViews(photos: readonly number[], { features, augmented, targets }: TrainingSet): number[] {
	return [features, ...augmented].flatMap((_, view) => photos.map((photo) => photo + view * targets.length));
}

/** @throws Trouble 'training-labels' */
export function refuseOneLabel(set: TrainingSet): void {
	if (labelCounts(set).filter((count) => count > 0).length < 2)
		throw new Trouble(
			'training-labels',
			'There must be photos of at least two labels to tell apart. Add photos of another label and train again.'
		);
}

/** What a person reads when a loss is not finite (faults 17). */
export const diverged = () =>
	new Trouble(
		'training-diverged',
		'The numbers ran out of bounds while learning, so nothing was changed: the model before it is still in use. ' +
			'Train again; if it happens again, remove the photos you added last.'
	);

export function labelCounts({ targets, classes }: Pick<TrainingSet, 'targets' | 'classes'>): number[] {
	const counts = new Array<number>(classes).fill(0);
	for (const target of targets) counts[target] = (counts[target] ?? 0) + 1;
	return counts;
}

/**
 * How much each photo counts. 1, unless the largest label has more than three times the photos of the smallest:
 * then every label counts alike, photos / (labels · photos of the label), up to ten times.
 */
export function photoWeights(targets: Int32Array, counts: readonly number[]): Float64Array {
	const present = counts.filter((count) => count > 0);
	if (Math.max(...present) <= LOPSIDED * Math.min(...present))
		return new Float64Array(targets.length).fill(1);
	return Float64Array.from(targets, (target) =>
		Math.min(MOST_WEIGHT, targets.length / (present.length * (counts[target] ?? 1)))
	);
}
