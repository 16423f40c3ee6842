import { afterEach, expect, test, vi } from 'vitest';
import { slices } from './slices';

afterEach(() => vi.restoreAllMocks());

test('the page has its turn whenever a piece of work was long enough, and a new piece begins then', async () => {
	let now = 0;
	vi.spyOn(performance, 'now').mockImplementation(() => now);
	const pauses: number[] = [];
	const full = slices((ms) => {
		pauses.push(ms);
		now += 100; // the page's own work counts for nothing
		return Promise.resolve();
	});
	const steps: boolean[] = [];
	for (let i = 0; i < 6; i++) {
		now += 4;
		const turn = full();
		steps.push(turn !== null);
		await turn;
	}
	expect(steps).toEqual([false, true, false, true, false, true]);
	expect(pauses).toEqual([0, 0, 0]);
});
