import { expect, test, vi } from 'vitest';
import { Trouble } from '../../domain/trouble';
import type { StartedTf, TfBackend } from '../tf';
import { fastestRight, type Tries } from './backend';

const startedOf = (backend: TfBackend) => ({ backend }) as StartedTf; // nothing is run on it

/** @param times milliseconds of a step on each; null where it computes something else, an error where it fails */
function device(times: Partial<Record<TfBackend, number | null | Error>>) {
	const log: string[] = [];
	const tries: Tries = {
		start: async (backend) => {
			log.push(`start ${backend}`);
			if (!(backend in times)) throw new Error(`no ${backend}`);
			return startedOf(backend);
		},
		agrees: async ({ backend }) => {
			const time = times[backend];
			if (time instanceof Error) throw time;
			return time !== null;
		},
		time: async ({ backend }) => {
			log.push(`time ${backend}`);
			return Number(times[backend]);
		}
	};
	return { log, tries };
}
const all = ['webgpu', 'webgl', 'wasm', 'cpu'] as const;
const chosen = async (times: Parameters<typeof device>[0], backends: readonly TfBackend[] = all) =>
	(await fastestRight(backends, device(times).tries))?.backend ?? null;

test.each([
	['the one whose steps are fastest', { webgpu: 20, webgl: 50, wasm: 200, cpu: 1 }, 'webgpu'],
	['the processor, where the graphics are slower', { webgpu: 300, webgl: 500, wasm: 200 }, 'wasm'],
	['none that computes something else', { webgpu: null, webgl: 50, wasm: 200 }, 'webgl'],
	['none that fails', { webgpu: new Error('lost'), webgl: new Error('lost'), wasm: 200 }, 'wasm'],
	['plain loops where nothing else is right', { webgpu: null, wasm: null, cpu: 9000 }, 'cpu'],
	['a right one though later ones fail', { webgpu: 20, wasm: new Error('no memory') }, 'webgpu'],
	['nothing where nothing is right', { webgpu: null, wasm: null, cpu: null }, null]
] as const)('takes %s', async (_, times, wanted) => {
	expect(await chosen(times)).toBe(wanted);
});

test('where the last one fails, too, the reason is told: nothing says that it computes something else', async () => {
	const { tries } = device({ webgpu: null, wasm: new Trouble('tf-failed', 'could not be loaded') });
	await expect(fastestRight(['webgpu', 'wasm'], tries)).rejects.toMatchObject({ code: 'tf-failed' });
});

test('what is asked for by name is taken where it is right, and nothing else is tried', async () => {
	const { log, tries } = device({ webgl: 500, wasm: 200 });
	const untimed = { start: tries.start, agrees: tries.agrees };
	expect((await fastestRight(['webgl', 'wasm'], untimed))?.backend).toBe('webgl');
	expect(new Set(log)).toEqual(new Set(['start webgl']));
	expect((await fastestRight(['webgpu', 'wasm'], untimed))?.backend).toBe('wasm');
});

test('times nothing where there is no choice, and leaves the one that it takes running', async () => {
	const alone = device({ wasm: 200, cpu: 9000 });
	await fastestRight(['wasm', 'cpu'], alone.tries);
	expect(alone.log.filter((line) => line.startsWith('time'))).toEqual([]);
	const two = device({ webgpu: 20, wasm: 200 });
	await fastestRight(['webgpu', 'wasm', 'cpu'], two.tries);
	expect(two.log).toEqual(['start webgpu', 'time webgpu', 'start wasm', 'time wasm', 'start webgpu']);
});

test('a graphics processor that hangs is passed over', async () => {
	vi.useFakeTimers();
	const { log, tries } = device({ webgpu: 20, wasm: 200 });
	let answer: (right: boolean) => void = () => undefined;
	const late = new Promise<boolean>((resolve) => (answer = resolve));
	const agrees = ({ backend }: StartedTf) => (backend === 'webgpu' ? late : Promise.resolve(true));
	const found = fastestRight(['webgpu', 'wasm'], { ...tries, agrees });
	await vi.runAllTimersAsync();
	expect((await found)?.backend).toBe('wasm');
	// What it says later comes too late: nothing more is run on it.
	answer(true);
	await vi.runAllTimersAsync();
	expect(log).not.toContain('time webgpu');
	vi.useRealTimers();
});

test('an operator that cannot be trained is so on all of them: it is said, and no other is tried', async () => {
	const { log, tries } = device({ webgpu: new Trouble('finetune-operator', 'uses “Reshape”'), wasm: 200 });
	await expect(fastestRight(['webgpu', 'wasm'], tries)).rejects.toMatchObject({ message: 'uses “Reshape”' });
	expect(log).toEqual(['start webgpu']);
});
