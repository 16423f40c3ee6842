/**
 * The check of a network at its start: guards against GPUs that answer plausible nonsense (faults 7). What it says of a
 * fixed input must be what a trusted engine said; where none has run it (a stranger's large graph), it must at least be
 * scores.
 */
import type { GoldenFacts, InputFacts, OutputFacts } from '../domain/card';
import { goldenInput } from '../domain/golden';
import { channelOf } from '../image/resize';

/** Of probabilities, as sums of floats and 8-bit numbers have it. */
const SLACK = 0.01;

/** Writes the golden input as a network takes it. @param tensor [3 · size²] */
export function goldenTensor({ size, order, layout, mean, std }: InputFacts, tensor: Float32Array): void {
	const plane = size ** 2;
	const picture = goldenInput(size);
	for (let c = 0; c < 3; c++)
		for (let i = 0; i < plane; i++) {
			const channel = channelOf(c, order);
			const at = layout === 'NCHW' ? channel * plane + i : i * 3 + channel;
			tensor[at] = ((picture[c * plane + i] ?? 0) - (mean[c] ?? 0)) / (std[c] ?? 1);
		}
}

interface Said {
	scores: Float32Array;
	features: Float32Array;
}

/** @param said of the golden input; its scores with those that are skipped */
export function isWrong(
	{ scores, features }: Said,
	{ kind, skip }: OutputFacts['scores'],
	golden: GoldenFacts | null
): boolean {
	return (
		!scores.every(Number.isFinite) ||
		!features.every(Number.isFinite) ||
		scores.every((x) => x === scores[0]) ||
		(kind === 'probabilities' && scores.some((x) => x < -SLACK || x > 1 + SLACK)) ||
		(golden !== null && isOff({ scores: scores.subarray(skip), features }, golden))
	);
}

/** @param said of the golden input; its scores without those that are skipped */
function isOff(said: Said, golden: GoldenFacts): boolean {
	const { tolerance, featureTolerance = tolerance } = golden;
	// A missing number is off, too.
	const far = (expected: number, got = NaN, most: number) => !(Math.abs(expected - got) <= most);
	return (
		golden.scores.some(([index, expected]) => far(expected, said.scores[index], tolerance)) ||
		golden.features.some(([index, expected]) => far(expected, said.features[index], featureTolerance))
	);
}
