/** From logits to what was stated of each photo: answers, mean probabilities, and how often they came true. */
import { calibrated, reliabilityBins } from './calibration';
import type { Answers, Judged } from './evaluation';

/** What was answered, repeat by repeat and on the mean of them. @param judged indices of the photos judged */
export function statedAnswers({ logits, repeats }: Answers, input: Judged, judged: readonly number[]) {
	const classes = input.labels.length;
	const rows = Array.from({ length: repeats }, (_, repeat) =>
		judged.map((photo) => {
			const from = (repeat * input.targets.length + photo) * classes;
			return calibrated(logits.subarray(from, from + classes), input.temperature);
		})
	);
	const verdicts = judged.map((photo, i) => {
		const probabilities = input.labels.map(
			(_, label) => rows.reduce((sum, row) => sum + (row[i]?.[label] ?? 0), 0) / repeats
		);
		return {
			photoId: input.photoIds[photo] ?? '',
			given: input.targets[photo] ?? 0,
			answer: indexOfMost(probabilities),
			probabilities
		};
	});
	const flat = rows.flat();
	const answers = flat.map(indexOfMost);
	const reliability = reliabilityBins(
		answers.map((answer, i) => ({
			probability: flat[i]?.[answer] ?? 0,
			right: answer === verdicts[i % judged.length]?.given,
			weight: 1 / repeats
		}))
	);
	return { answers, verdicts, reliability };
}

/** The first of equals, which is no answer but keeps figures whole. */
function indexOfMost(values: ArrayLike<number>): number {
	let most = 0;
	for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[most] ?? 0)) most = i;
	return most;
}
