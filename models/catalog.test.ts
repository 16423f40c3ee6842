import { expect, it } from 'vitest';
import { backboneById, backbones } from './catalog';
import { fetchFiles, sha256 } from './build/fetch';
import { classNames } from './build/labels';
import { classNamesFile, sampleFiles } from './build/sources';
import { samples } from './samples';

it('every backbone is pinned, and found by its id', () => {
	for (const card of backbones) {
		expect(card.file.sha256).toMatch(/^[0-9a-f]{64}$/);
		expect(card.file.bytes).toBeGreaterThan(1e6);
		expect(card.labels).toMatchObject({
			count: 1000,
			// vitest types its matchers as any
			sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string
		});
		expect(backboneById(card.id)).toBe(card);
		expect(new URL(card.file.url, 'https://app.example/').protocol).toBe('https:');
	}
	expect(new Set(backbones.map(({ id }) => id)).size).toBe(backbones.length);
	expect(backboneById('nothing')).toBeUndefined();
});

it('what ships with the app says what it answers and how to check it; the default comes first', () => {
	const embedded = backbones.filter(({ delivery }) => delivery === 'embedded');
	expect(embedded.map(({ id }) => id)).toEqual(['mobilenet-v1-025', 'duo']);
	expect(backbones[0]).toBe(embedded[0]);
	for (const { golden, outputs, file } of embedded) {
		expect(outputs).not.toBeNull();
		expect(file.url).not.toContain(':');
		expect(golden?.scores.length).toBeGreaterThan(3);
		expect(golden?.features.length).toBe(8);
	}
});

it('the labels are 1,000 distinct, readable names', { timeout: 60_000 }, async () => {
	const [source] = await fetchFiles([classNamesFile]);
	const names = classNames(source.toString());
	expect(names.slice(0, 3)).toEqual(['tench', 'goldfish', 'great white shark']);
	expect([names[134], names[517]]).toEqual(['crane (bird)', 'crane (machine)']);
	expect([names[638], names[639]]).toEqual(['one-piece swimsuit', 'tank suit']);
	expect([names[264], names[474]]).toEqual(['Cardigan Welsh corgi', 'cardigan']);
	expect([names[504], names[666], names[968]]).toEqual(['coffee mug', 'mortar', 'cup']);
	expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(1000);
	expect(names.filter((name) => name.includes(','))).toEqual([]);
});

it('a list of labels that lost some is refused', () => {
	expect(() => classNames('exports.IMAGENET_CLASSES = { 0: "tench", 1: "tench, Tinca" }')).toThrow(
		'1 distinct names of 2'
	);
});

it('every sample picture has its source', { timeout: 60_000 }, async () => {
	expect(samples.map(({ id, url }) => [id, url])).toEqual(
		Object.keys(sampleFiles).map((id) => [id, `samples/${id}.jpg`])
	);
	const files = Object.values(sampleFiles);
	const pictures = await fetchFiles(files);
	expect(pictures.map((bytes) => sha256(bytes))).toEqual(files.map((file) => file.sha256));
});
