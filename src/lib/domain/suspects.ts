/** Photos that may carry a wrong label (learning.md §5; self-confidence of Northcutt et al., JAIR 2021). */
import type { Suspect, Verdict } from './evaluation';

const SURE_OF_OTHER = 0.8;
const HARDLY_GIVEN = 0.1;

/** Photos for which another label is likelier, the least likely given label first. */
export function findSuspects(verdicts: readonly Verdict[]): Suspect[] {
	return verdicts
		.map(suspect)
		.filter(({ given, otherProbability }) => otherProbability > given)
		.sort((a, b) => a.given - b.given || b.otherProbability - a.otherProbability);
}

function suspect({ photoId, given, probabilities }: Verdict): Suspect {
	let other = given;
	probabilities.forEach((probability, label) => {
		if (label !== given && (other === given || probability > (probabilities[other] ?? 0))) other = label;
	});
	const probability = probabilities[given] ?? 0;
	const otherProbability = probabilities[other] ?? 0;
	return {
		photoId,
		given: probability,
		other,
		otherProbability,
		volunteer: otherProbability > SURE_OF_OTHER && probability < HARDLY_GIVEN
	};
}
