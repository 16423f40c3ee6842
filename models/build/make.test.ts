import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import jpeg from 'jpeg-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backbones } from '../catalog';
import type { BackboneCard } from '../../src/lib/domain/card';
import { checkFacts, checkGolden, checkPhoto, fileFacts, goldenFacts } from './checks';
import { fetchFiles } from './fetch';
import { make } from './make';
import { buildMobilenet } from './mobilenet';
import { missing } from './shelf';
import { sampleFiles } from './sources';

const [card] = backbones as readonly [BackboneCard, ...BackboneCard[]]; // the shelf is never empty

describe('the shelf', { timeout: 60_000 }, () => {
	let folder: string;
	const file = (url: string) => path.join(folder, url);

	beforeAll(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'lensmith-shelf-'));
		const wanted = await missing(folder);
		expect(wanted.cards.map(({ id }) => id)).toEqual(['mobilenet-v1-025', 'duo']);
		expect(wanted.samples.length).toBe(3);
		await make(folder, wanted);
	}, 120_000);

	afterAll(() => rm(folder, { recursive: true }));

	it('holds what the cards say, and a second run finds nothing to do', async () => {
		expect(await missing(folder)).toEqual({ cards: [], samples: [] });
		const labels = JSON.parse(await readFile(file(card.labels.url), 'utf8')) as unknown[]; // JSON.parse gives any
		expect(labels.length).toBe(1000);
		expect(JSON.parse(await readFile(file('models/duo/card.json'), 'utf8'))).toEqual(
			JSON.parse(JSON.stringify(backbones[1]))
		);
		expect((await stat(file(card.file.url))).size).toBe(card.file.bytes);
	});

	it('is mended where a file was cut or a card is of another day', async () => {
		await truncate(file(card.file.url), 1000);
		await writeFile(file('models/duo/card.json'), '{}');
		await rm(file('samples/coffee.jpg'));
		const wanted = await missing(folder);
		expect(wanted.cards.map(({ id }) => id)).toEqual(['mobilenet-v1-025', 'duo']);
		expect(wanted.samples.map(({ id }) => id)).toEqual(['coffee']);
		await make(folder, wanted);
		expect(await missing(folder)).toEqual({ cards: [], samples: [] });
	});
});

describe('what is made wrongly stops the build with a reason', { timeout: 60_000 }, () => {
	let bytes: Uint8Array;
	let photo: Buffer;

	beforeAll(async () => {
		bytes = await buildMobilenet(224);
		[photo] = await fetchFiles([sampleFiles.coffee]);
	}, 120_000);

	it('another file than the pinned one', () => {
		const changed = bytes.slice();
		changed[1000] = (changed[1000] ?? 0) ^ 1;
		expect(() => checkFacts('it', fileFacts('u', changed), fileFacts('u', bytes))).toThrow(
			'it came out differently'
		);
	});

	it('other scores or features than the pinned ones', async () => {
		const made = await goldenFacts(card, bytes);
		expect(() => checkGolden(card, made)).not.toThrow();
		const scores = made.scores.map(([index, score]): [number, number] => [index, score + 0.01]);
		expect(() => checkGolden(card, { ...made, scores })).toThrow('golden input');
		const features = made.features.map(([index, value]): [number, number] => [index, value * 1.01]);
		expect(() => checkGolden(card, { ...made, features })).toThrow('golden input');
		expect(() => checkGolden({ ...card, golden: undefined }, made)).toThrow('golden input');
	});

	it('another shape than the promised one', async () => {
		const { outputs } = card;
		if (!outputs) throw new Error('the default says what it answers');
		const wide = { ...card, outputs: { ...outputs, features: { name: 'features', dimension: 255 } } };
		await expect(goldenFacts(wide, bytes)).rejects.toThrow(
			'"features" is [1, 256] where [1, 255] is promised'
		);
	});

	it('a mug that is not seen', async () => {
		await expect(checkPhoto(card, bytes, photo)).resolves.toBeUndefined();
		const grey = jpeg.encode({ data: Buffer.alloc(64 * 64 * 4, 127), width: 64, height: 64 }).data;
		await expect(checkPhoto(card, bytes, grey)).rejects.toThrow('takes a mug for class');
	});
});
