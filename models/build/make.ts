/** Makes what is missing on the shelf, and checks it before it is put there. */
import type { BackboneCard } from '../../src/lib/domain/card';
import { backbones } from '../catalog';
import { checkFacts, checkGolden, checkPhoto, fileFacts, goldenFacts } from './checks';
import { buildDuo } from './duo';
import { fetchFiles } from './fetch';
import { classNames } from './labels';
import { buildMobilenet } from './mobilenet';
import { cardText, cardUrl, type Missing, write } from './shelf';
import { classNamesFile, sampleFiles } from './sources';

/** How each embedded backbone is made for a side in pixels. */
const recipes = new Map([
	['mobilenet-v1-025', buildMobilenet],
	['duo', buildDuo]
]);

/**
 * @param output the folder that urls are relative to
 * @returns a line about each thing made
 * @throws Error when a source cannot be had, or when what was made is not what models/catalog.ts pins
 */
export async function make(output: string, wanted: Missing): Promise<string[]> {
	const lines: string[] = [];
	const files = new Map(Object.entries(sampleFiles));
	for (const { id, url } of wanted.samples) {
		const file = files.get(id);
		if (!file) throw new Error(`models/build/sources.ts has no file for the sample "${id}".`);
		const [picture] = await fetchFiles([file]);
		await write(output, url, picture);
		lines.push(url);
	}
	for (const card of wanted.cards) {
		const bytes = await makeCard(output, card);
		lines.push(`${card.file.url}: ${(bytes / 1e6).toFixed(2)} MB`);
	}
	return lines;
}

async function makeCard(output: string, card: BackboneCard): Promise<number> {
	const [photo] = await fetchFiles([sampleFiles.coffee]);
	const labels = await makeLabels();
	checkFacts('The list of labels', { ...fileFacts(card.labels.url, labels), count: 1000 }, card.labels);
	const bytes = await convert(card);
	checkFacts(card.id, fileFacts(card.file.url, bytes), card.file);
	checkGolden(card, await goldenFacts(card, bytes));
	await checkPhoto(card, bytes, photo);
	await write(output, card.file.url, bytes);
	await write(output, card.labels.url, labels);
	// Written last: it says that the rest is whole.
	await write(output, cardUrl(card), Buffer.from(cardText(card)));
	return bytes.length;
}

/** What models/catalog.ts should pin of each embedded backbone, as JSON. */
export async function printFacts(): Promise<string[]> {
	const lines: string[] = [];
	for (const card of backbones.filter(({ delivery }) => delivery === 'embedded')) {
		const bytes = await convert(card);
		const facts = {
			file: fileFacts(card.file.url, bytes),
			labels: fileFacts(card.labels.url, await makeLabels()),
			golden: await goldenFacts(card, bytes)
		};
		lines.push(`${card.id} ${JSON.stringify(facts, null, '\t')}`);
	}
	return lines;
}

function convert(card: BackboneCard): Promise<Uint8Array> {
	const recipe = recipes.get(card.id);
	if (!recipe) throw new Error(`models/build/make.ts does not know how "${card.id}" is made.`);
	return recipe(card.input.size);
}

async function makeLabels(): Promise<Uint8Array> {
	const [names] = await fetchFiles([classNamesFile]);
	return Buffer.from(JSON.stringify(classNames(names.toString())));
}
