/** What a model's file leaves open, and the card of a model that came as one. */
import type { BackboneCard } from '$lib/domain/card';
import { pixelRange } from '$lib/domain/ranges';
import { receivedId, type Answers, type Received } from '$lib/domain/received';

export const LICENCE_UNSTATED = 'Not stated in the file';

/** Whether the person has to be asked for anything. */
export function isOpen({ labels, input }: Received): boolean {
	return labels === null || input.layout === null || input.size === null || input.range === null;
}

/** What holds: the file's own where it tells, else the answer, else the guess. */
export function settled({ labels, input, guess }: Received, answers: Partial<Answers> = {}) {
	return {
		labels: labels ?? answers.labels ?? null,
		layout: input.layout ?? answers.layout ?? guess.layout,
		size: input.size ?? answers.size ?? guess.size,
		range: input.range ?? pixelRange(answers.range ?? guess.range)
	};
}

/**
 * The card of a received model.
 *
 * @param labels facts of the file that holds its names
 */
export function cardOf(
	received: Received,
	answers: Answers,
	labels: BackboneCard['labels'],
	url: string
): BackboneCard {
	const { sha256, onnx, name, licence, attribution, source, input, outputs, facts } = received;
	const { layout, size, range } = settled(received, answers);
	return {
		...{ id: receivedId(sha256), name, summary: summaryOf(received, answers.labels) },
		...{ delivery: 'file', source, licence, attribution },
		file: { url, sha256, bytes: onnx.length },
		labels,
		input: { name: input.name, layout, size, ...range, mean: [...range.mean], std: [...range.std] },
		outputs,
		cuts: [],
		...(facts && { taught: facts })
	};
}

const SHOWN = 4;

function summaryOf({ kind }: Received, labels: readonly string[]): string {
	const first = labels.slice(0, SHOWN).join(', ');
	const rest = labels.length - SHOWN;
	const names = rest > 0 ? `${first} and ${rest.toLocaleString('en')} more` : first;
	const how = {
		lensmith: 'Taught with Lensmith to tell',
		teachable: 'Taught with Teachable Machine to tell',
		onnx: 'Tells'
	};
	return `${how[kind]} ${names}.`;
}
