import { backbones } from '$models/catalog';
import { describe, expect, test } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import type { Engine } from './engine';
import { fastestThreads, threadCandidates } from './threads';

const card = backbones[0];
if (!card) throw new Error('the catalogue is empty');

/** Engines whose runs take as long as the table says; a missing count does not start. */
function device(times: Record<number, number>, binary = 'wasm') {
	let open = 0;
	const make = () => {
		let threads = 0;
		return {
			get status() {
				return { threads, binary };
			},
			async use(_card: unknown, _preference: unknown, wanted: number) {
				open++;
				if (!(wanted in times)) throw new Error('no such threads here');
				threads = wanted;
			},
			time: async (runs: number) => Array.from({ length: runs }, () => times[threads] ?? NaN),
			stop: () => void open--
		} as unknown as Engine; // what fastestThreads uses of it
	};
	return { make, open: () => open };
}

describe('threads', () => {
	test('are tried only where there are cores to spare and the page is isolated', () => {
		expect(threadCandidates(2, true)).toEqual([1]);
		expect(threadCandidates(8, false)).toEqual([1]);
		expect(threadCandidates(4, true)).toEqual([1, 2]);
		expect(threadCandidates(16, true)).toEqual([1, 4]);
	});
	test.each([
		[{ 1: 10, 4: 5 }, 4],
		[{ 1: 10, 4: 9.5 }, 1],
		[{ 1: 10, 4: 20 }, 1],
		[{ 1: 10 }, 1],
		[{}, null]
	])('on a device that takes %j: %s', async (times, best) => {
		const { make, open } = device(times);
		expect(await fastestThreads(make, card, [1, 4])).toBe(best);
		expect(open()).toBe(0);
	});
	test('are not judged by a build of the engine that has but one', async () => {
		const { make } = device({ 1: 10, 4: 5 }, 'jspi');
		expect(await fastestThreads(make, card, [1, 4])).toBeNull();
	});
	test('are tried again another time where only a file is missing', async () => {
		const { make } = device({ 1: 10 });
		const offline = () => {
			const engine = make();
			const { use } = engine;
			engine.use = async (...given) => {
				if (given[2] === 4) throw new Trouble('file-offline', 'not here');
				return use.apply(engine, given);
			};
			return engine;
		};
		expect(await fastestThreads(offline, card, [1, 4])).toBeNull();
	});
});
