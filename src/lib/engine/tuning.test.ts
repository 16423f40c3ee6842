import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TrainingProgress } from '../domain/training';
import { Trouble } from '../domain/trouble';
import type { Keeping } from './fine-tune/tuner';
import { TuningMethods } from './tuning';

/** What the tuner does between two steps; the test is the run. */
type Run = (keeping: Omit<Keeping, 'spill'>, report: (progress: TrainingProgress) => void) => Promise<void>;
const stage: { run: Run } = vi.hoisted(() => ({ run: async () => undefined }));
vi.mock('./fine-tune/tuner', () => ({
	Tuner: class {
		trunk = { bytes: new Uint8Array(), features: { name: '', dimension: 0 }, numbers: 0 };
		async learn(
			_: unknown,
			keeping: Omit<Keeping, 'spill'>,
			{ report }: { report: (progress: TrainingProgress) => void }
		) {
			await stage.run(keeping, report);
			return 'tuned';
		}
		put = async () => undefined;
	}
}));

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const state = {} as never; // where it stands means nothing to who keeps it
const of = { projectId: 'p', from: 'mark', backbone: 'b', started: 1 };

/** Runs one, and tells what it said of itself. @param keep what the storage does */
async function tuned(run: Run, keep: () => Promise<void>): Promise<TrainingProgress[]> {
	stage.run = run;
	const methods = new TuningMethods({ spill: vi.fn(), keep });
	const told: TrainingProgress[] = [];
	await methods.cut({ size: 32 });
	const job = { signal: new AbortController().signal, report: (one: TrainingProgress) => told.push(one) };
	await methods.tune({ of, set: {}, config: {}, from: null } as never, job); // the tuner looks at none of it
	await expect(async () => methods.put({ row: 0, numbers: new Float32Array(1) })).rejects.toMatchObject({
		code: 'training-stopped'
	});
	return told;
}

test('where it stands is kept every five seconds', async () => {
	const asked: boolean[] = [];
	await tuned(
		async ({ keeps, keep }) => {
			for (let second = 1; second <= 12; second++) {
				vi.advanceTimersByTime(1000);
				asked.push(keeps());
				if (keeps()) await keep(state);
			}
		},
		async () => undefined
	);
	expect(asked.flatMap((kept, i) => (kept ? [i + 1] : []))).toEqual([5, 10]);
});

test('of a slow disk it takes a twentieth of the time at most', async () => {
	const kept: number[] = [];
	await tuned(
		async ({ keeps, keep }) => {
			while (kept.length < 3) {
				vi.advanceTimersByTime(1000);
				if (keeps()) await keep(state);
			}
		},
		async () => {
			kept.push(performance.now());
			vi.advanceTimersByTime(2000);
		}
	);
	const [first = 0, second = 0, third = 0] = kept;
	expect([second - first, third - second]).toEqual([42_000, 42_000]);
});

test('that it could not be kept is said while it is so, and ends nothing', async () => {
	const full = new Trouble('storage-full', 'This device has no room left.');
	const keep = vi.fn(async () => undefined).mockRejectedValueOnce(full);
	const told = await tuned(async ({ keep }, report) => {
		report({ words: 'Learning', done: 0.1 });
		await keep(state);
		report({ words: 'Learning', done: 0.2 });
		await keep(state);
		report({ words: 'Learning', done: 0.3 });
	}, keep);
	expect(told.map(({ kept }) => kept === true)).toEqual([false, false, true]);
	expect(told.map(({ warning }) => warning ?? null)).toEqual([
		null,
		expect.stringMatching(/could not be kept, so leave this page open.*no room left/),
		null
	]);
});

test('a run that fails lets go of what was put too', async () => {
	stage.run = () => Promise.reject(new Trouble('training-diverged', 'NaN'));
	const methods = new TuningMethods({ spill: vi.fn(), keep: async () => undefined });
	await methods.cut({ size: 32 });
	const job = { signal: new AbortController().signal, report: () => undefined };
	await expect(
		methods.tune({ of, set: {}, config: {}, from: null } as never, job) // the tuner looks at none of it
	).rejects.toMatchObject({ code: 'training-diverged' });
	await expect(async () => methods.put({ row: 0, numbers: new Float32Array(1) })).rejects.toMatchObject({
		code: 'training-stopped'
	});
});
