import { describe, expect, test } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import type { NeededFile } from './engine-files';
import { ladder, lastRung, stepDown, worthTrying } from './engine-steps';

const file = { url: 'a', sha256: '', bytes: 1 };
const lacking = (...names: NeededFile['what'][]): NeededFile[] =>
	(['engine', 'backbone', 'labels'] as const).map((what) => ({
		what,
		file,
		received: 0,
		state: names.includes(what) ? 'failed' : 'kept'
	}));
const missing = new Trouble('file-offline', '');
const broken = new Trouble('engine-failed', '');
const lower = ladder('auto', 4).slice(1);

describe('what is worth trying after a failed start', () => {
	test.each([
		['a GPU that fails: once more, then the CPU', broken, 'webgpu', lacking(), lower],
		['no plan at all: once more', broken, null, lacking(), lower],
		['the CPU, wherever a GPU was wished for: one thread', broken, 'wasm', lacking(), [lastRung]],
		['a missing GPU engine: the CPU has another', missing, 'webgpu', lacking('engine'), [lastRung]],
		['a missing network: nothing', missing, 'webgpu', lacking('backbone'), []],
		['both: nothing', missing, 'webgpu', lacking('engine', 'labels'), []],
		['labels that are no list: nothing', new Trouble('file-labels', ''), 'webgpu', lacking(), []],
		['a missing CPU engine: nothing', missing, 'wasm', lacking('engine'), []]
	] as const)('%s', (_, trouble, backend, files, expected) => {
		expect(worthTrying(lower, { trouble, backend, files })).toEqual(expected);
	});
});

describe('the words of a step down', () => {
	test.each([
		['auto', 4, 'webgpu', 'graphics processor'],
		['auto', 4, 'wasm', 'several threads'],
		['auto', 1, 'wasm', 'a second time'],
		['auto', 1, null, 'a second time']
	] as const)('from %s with %d threads on %s', (preference, threads, backend, words) => {
		expect(stepDown({ preference, threads }, lastRung, backend)).toContain(words);
	});
});
