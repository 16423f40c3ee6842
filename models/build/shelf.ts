/** What should lie in static/ and what of it does not, or not as it should. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BackboneCard } from '../../src/lib/domain/card';
import { backbones } from '../catalog';
import { type Sample, samples } from '../samples';
import { sha256 } from './fetch';
import { sampleFiles } from './sources';

export interface Missing {
	cards: BackboneCard[];
	samples: Sample[];
}

/** @param output the folder that urls are relative to */
export async function missing(output: string): Promise<Missing> {
	const cards = backbones.filter(({ delivery }) => delivery === 'embedded');
	const there = await Promise.all(cards.map((card) => isMade(output, card)));
	const seen = await Promise.all(samples.map(({ id, url }) => holds(output, url, sampleHash(id))));
	return { cards: cards.filter((_, i) => !there[i]), samples: samples.filter((_, i) => !seen[i]) };
}

async function isMade(output: string, card: BackboneCard): Promise<boolean> {
	const hashes = [
		[cardUrl(card), sha256(cardText(card))],
		[card.file.url, card.file.sha256],
		[card.labels.url, card.labels.sha256]
	] as const;
	return (await Promise.all(hashes.map(([url, hash]) => holds(output, url, hash)))).every(Boolean);
}

async function holds(output: string, url: string, hash: string | undefined): Promise<boolean> {
	const bytes = await readFile(path.join(output, url)).catch(() => null);
	return bytes !== null && sha256(bytes) === hash;
}

/** Whole or not at all: a cut run leaves no half file under a good name. */
export async function write(output: string, url: string, bytes: Uint8Array): Promise<void> {
	const file = path.join(output, url);
	await mkdir(path.dirname(file), { recursive: true });
	await writeFile(`${file}.part`, bytes);
	await rename(`${file}.part`, file);
}

const sampleHash = (id: string): string | undefined => new Map(Object.entries(sampleFiles)).get(id)?.sha256;

export const cardUrl = (card: BackboneCard): string => `models/${card.id}/card.json`;
export const cardText = (card: BackboneCard): string => JSON.stringify(card, null, '\t') + '\n';
