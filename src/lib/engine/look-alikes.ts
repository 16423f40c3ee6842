/**
 * How well a gate refuses look-alikes: labels are held out in turn, and their photos are shown to a gate that was
 * built without them (learning.md §4, "near").
 */
import { Nearest, normalised } from '../domain/nearest';
import { Random } from '../domain/random';
import { buildGate, familiarityBy, type Compared } from '../domain/strangers';
import { compare } from './compare';
import { isJudged } from './out-of-fold';
import { labelCounts, type Problem } from './problem';
import { logitsOf, type Task } from './solvers/softmax-regression';

/** So many labels and photos are enough for a share, and bound the work. */
const MOST_LABELS = 10;
const MOST_PHOTOS = 1000;

/**
 * @param foldOfPhoto of one repeat, [photos]
 * @returns share of look-alikes refused, 0..1; null with fewer than three labels or too few photos for a gate
 */
export async function lookAlikesRefused(
	problem: Problem,
	foldOfPhoto: Int32Array,
	{ lambda, seed, pause }: { lambda: number; seed: number; pause: (done: number) => Promise<void> }
): Promise<number | null> {
	const random = new Random(seed);
	const labels = [...labelCounts(problem.set).entries()].filter(([, count]) => count > 0);
	if (labels.length < 3) return null;
	const photos = random
		.shuffle(foldOfPhoto.keys())
		.slice(0, MOST_PHOTOS)
		.sort((a, b) => a - b);
	const chosen = random.shuffle(labels.map(([label]) => label)).slice(0, MOST_LABELS);
	const { dimension, features } = problem.set;
	const bank = normalised(pick(features, dimension, photos), dimension);
	const compared = await compare(bank, dimension, problem.set.foreign?.reference, () => pause(0));
	const shownTo = { photos, bank, compared, foldOfPhoto, lambda };
	let [refused, shown] = [0, 0];
	for (const [i, label] of chosen.entries()) {
		const share = await refusedOf(problem, label, shownTo, (done) => pause((i + done) / chosen.length));
		if (!share) continue;
		refused += share.refused;
		shown += share.shown;
	}
	return shown > 0 ? refused / shown : null;
}

interface Shown {
	photos: readonly number[];
	/** Normalised features of these photos, [photos, dimension], and how alike they are. */
	bank: Float32Array;
	compared: Compared;
	foldOfPhoto: Int32Array;
	lambda: number;
}

async function refusedOf(
	problem: Problem,
	label: number,
	{ photos, bank, compared, foldOfPhoto, lambda }: Shown,
	pause: (done: number) => Promise<void>
): Promise<{ refused: number; shown: number } | null> {
	const { targets, groups, foreign, dimension, classes: all } = problem.set;
	const isStrange = (row: number) => targets[photos[row] ?? 0] === label;
	const rows = [...photos.keys()].filter((row) => !isStrange(row));
	const strange = [...photos.keys()].filter(isStrange);
	const [others, strangers] = [rows, strange].map((part) => part.map((row) => photos[row] ?? 0));
	if (!others?.length || !strangers?.length) return null;
	const logits = await logitsWithout(problem, label, { others, strangers, foldOfPhoto, lambda, pause });
	const classes = all - 1;
	const built = buildGate({
		features: pick(bank, dimension, rows),
		dimension,
		groups: Int32Array.from(others, (photo) => groups[photo] ?? 0),
		logits: pick(logits, classes, others),
		repeats: 1,
		classes,
		judged: isJudged(Int32Array.from(others, (photo) => foldOfPhoto[photo] ?? 0)),
		foreign: foreign?.reference,
		compared: { ...compared, rows }
	});
	if (!built) return null;
	const { gate } = built;
	const { similarities, likes } = compared;
	const nearest = new Nearest(strange.length, gate.neighbours);
	for (const [i, row] of strange.entries())
		for (const other of rows) nearest.meet(i, similarities.of(row, other));
	const refused = strange.filter((row, i) => {
		const photo = photos[row] ?? 0;
		const answer = logits.subarray(photo * classes, (photo + 1) * classes);
		return familiarityBy(gate, nearest.kth(i) - (likes[row] ?? 0), answer) < gate.threshold;
	});
	return { refused: refused.length, shown: strange.length };
}

interface Without {
	others: readonly number[];
	strangers: readonly number[];
	foldOfPhoto: Int32Array;
	lambda: number;
	pause(done: number): Promise<void>;
}

/**
 * Logits of all these photos by heads that know nothing of `label`: of the others out of fold, of its own by a head
 * that learned from all others, as they would meet it; [photos, classes − 1].
 */
async function logitsWithout(
	problem: Problem,
	label: number,
	{ others, strangers, foldOfPhoto, lambda, pause }: Without
): Promise<Float32Array> {
	const task: Task = {
		...problem.task,
		classes: problem.task.classes - 1,
		targets: problem.task.targets.map((target) => (target > label ? target - 1 : target))
	};
	const logits = new Float32Array(problem.photos * task.classes);
	const count = foldOfPhoto.reduce((a, b) => Math.max(a, b), 0) + 1;
	let weights: Float64Array | null = null;
	for (let fold = 0; fold < count; fold++) {
		await pause(fold / (count + 1));
		// From zero: another fold's answer has seen the photos that are held out here.
		const rows = problem.rowsOf(others.filter((photo) => foldOfPhoto[photo] !== fold));
		weights = problem.solve(rows, lambda, null, task).weights;
		for (const photo of others.filter((photo) => foldOfPhoto[photo] === fold))
			logitsOf(task, weights, photo, logits, photo * task.classes);
	}
	await pause(count / (count + 1));
	weights = problem.solve(problem.rowsOf(others), lambda, weights, task).weights;
	for (const photo of strangers) logitsOf(task, weights, photo, logits, photo * task.classes);
	return logits;
}

/** These rows of a matrix, one below the other. */
export function pick(
	matrix: Float32Array,
	width: number,
	rows: readonly number[]
): Float32Array<ArrayBuffer> {
	const picked = new Float32Array(rows.length * width);
	rows.forEach((row, i) => picked.set(matrix.subarray(row * width, (row + 1) * width), i * width));
	return picked;
}
