import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import { purgeReceived } from '$lib/storage/received';
import { purgeTrash } from '$lib/storage/trash';
import { Trash } from './trash.svelte';

vi.mock('$lib/storage/received');
vi.mock('$lib/storage/trash');
vi.mock('$lib/storage/errors');

beforeEach(() => {
	vi.stubGlobal('requestIdleCallback', (work: () => void) => work());
	vi.stubGlobal('cancelIdleCallback', () => undefined);
});
afterEach(() => vi.unstubAllGlobals());

test('models that are too old go also where projects could not, and that is told', async () => {
	vi.mocked(purgeTrash).mockRejectedValue(new Trouble('not-saved', 'It did not work.'));
	const onModelsGone = vi.fn(() => Promise.resolve());
	const trash = new Trash(onModelsGone);
	for (const [gone, times] of [
		[0, 0],
		[2, 1],
		// The third cannot be deleted: the two before it are gone all the same.
		['2 of 3', 2]
	] as const) {
		vi.mocked(purgeReceived).mockImplementation(async (_, onpurged) => {
			for (let i = 0; i < (gone === 0 ? 0 : 2); i++) onpurged?.();
			if (gone === '2 of 3') throw new Trouble('not-saved', 'It did not work.');
		});
		trash.tidyWhenIdle();
		await trash.stop();
		expect(onModelsGone).toHaveBeenCalledTimes(times);
	}
});
