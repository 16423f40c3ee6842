/** What a made backbone must prove before it is put on the shelf. Each check throws an Error in words. */
import jpeg from 'jpeg-js';
import type { BackboneCard, FileFacts, GoldenFacts, OutputFacts } from '../../src/lib/domain/card';
import { goldenInput } from '../../src/lib/domain/golden';
import { cropRect } from '../../src/lib/image/crop';
import { toTensor } from '../../src/lib/image/resize';
import { sha256 } from './fetch';
import { type Answer, run } from './run';

/** Index among the labels of what the default network sees in the photo of a mug, and how sure it is at least. */
const mug = { mortar: 666, cup: 968, least: 0.1 };

export function fileFacts(url: string, bytes: Uint8Array): FileFacts {
	return { url, sha256: sha256(bytes), bytes: bytes.length };
}

/** @throws Error with both when they differ, so that the pinned one can be corrected */
export function checkFacts(what: string, made: unknown, pinned: unknown): void {
	if (JSON.stringify(made) === JSON.stringify(pinned)) return;
	throw new Error(
		`${what} came out differently from what models/catalog.ts pins.\n` +
			`  made:   ${JSON.stringify(made)}\n  pinned: ${JSON.stringify(pinned)}\n` +
			'If the conversion was changed on purpose, pin what was made.'
	);
}

/** Runs the golden input. @returns what the card should pin; @throws Error when a shape is wrong */
export async function goldenFacts(card: BackboneCard, bytes: Uint8Array): Promise<GoldenFacts> {
	const { outputs, input } = withOutputs(card);
	const answers = await run(bytes, input.name ?? '', goldenInput(input.size), [1, 3, input.size, input.size]);
	const side = input.size / 32;
	const scores = shaped(answers, outputs.scores.name, [1, outputs.scores.skip + card.labels.count]);
	const features = shaped(answers, outputs.features.name, [1, outputs.features.dimension]);
	if (outputs.map) shaped(answers, outputs.map.name, [1, outputs.map.channels, side, side]);
	const labels = [...scores.subarray(outputs.scores.skip)];
	const best = [...labels.keys()].sort((a, b) => (labels[b] ?? 0) - (labels[a] ?? 0)).slice(0, 3);
	const round = (value: number) => Math.round(value * 1e4) / 1e4;
	return {
		scores: [...best, 0, 500, 999].map((index) => [index, round(labels[index] ?? 0)]),
		features: telling(features, 8).map((index) => [index, round(features[index] ?? 0)]),
		tolerance: card.golden?.tolerance ?? 0
	};
}

/** Index of the largest number in each of `parts` stretches: zeros would prove nothing. */
function telling(features: Float32Array, parts: number): number[] {
	return Array.from({ length: parts }, (_, part) => {
		const [from, to] = [part, part + 1].map((edge) => Math.floor((edge * features.length) / parts));
		const stretch = features.subarray(from, to);
		return (from ?? 0) + stretch.indexOf(Math.max(...stretch));
	});
}

/** @throws Error when a pinned number is further off than a tenth of the card's tolerance */
export function checkGolden(card: BackboneCard, made: GoldenFacts): void {
	const pinned = card.golden;
	const same = (a: [number, number][], b: [number, number][]) =>
		a.length === b.length &&
		a.every(([index, value], i) => b[i]?.[0] === index && Math.abs(value - b[i][1]) <= made.tolerance / 10);
	const agrees = pinned && same(made.scores, pinned.scores) && same(made.features, pinned.features);
	if (!agrees) checkFacts(`What ${card.id} answers to the golden input`, made, pinned);
}

/** @param photo JPEG of a mug; @throws Error when the network does not see a mortar or a cup in it */
export async function checkPhoto(card: BackboneCard, bytes: Uint8Array, photo: Uint8Array): Promise<void> {
	const { outputs, input } = withOutputs(card);
	const { data, width, height } = jpeg.decode(photo, { useTArray: true });
	const { width: side } = cropRect(width, height, 'centre');
	if (side !== width || side !== height) throw new Error('The golden photo is not square.');
	const pixels = toTensor({ data, width, height }, input);
	const answers = await run(bytes, input.name ?? '', pixels, [1, 3, input.size, input.size]);
	const logits = answers[outputs.scores.name]?.data ?? new Float32Array();
	const top = Math.max(...logits);
	const powers = Array.from(logits, (value) => Math.exp(value - top));
	const total = powers.reduce((sum, value) => sum + value, 0);
	const best = powers.indexOf(1) - outputs.scores.skip;
	const [mortar, cup] = [mug.mortar, mug.cup].map(
		(index) => (powers[index + outputs.scores.skip] ?? 0) / total
	);
	const seen = (best === mug.mortar || best === mug.cup) && Math.min(mortar ?? 0, cup ?? 0) >= mug.least;
	if (!seen) throw new Error(`${card.id} takes a mug for class ${best} (mortar ${mortar}, cup ${cup}).`);
}

function withOutputs(card: BackboneCard): BackboneCard & { outputs: OutputFacts } {
	if (!card.outputs) throw new Error(`The card of ${card.id} does not say what it answers.`);
	return { ...card, outputs: card.outputs };
}

function shaped(answers: Record<string, Answer>, name: string, dims: readonly number[]): Float32Array {
	const answer = answers[name];
	if (answer?.dims.join() !== dims.join()) {
		throw new Error(`"${name}" is [${answer?.dims.join(', ')}] where [${dims.join(', ')}] is promised.`);
	}
	return answer.data;
}
