import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deleteDatabase } from '$lib/storage/database';
import { addReceived, changeReceived, deleteReceived } from '$lib/storage/received';
import { received, receivedFiles } from '$lib/storage/suite/receiving';
import { ReceivedModels } from './received.svelte';

const onChange = vi.fn();
let models: ReceivedModels;
beforeEach(async () => {
	onChange.mockReset();
	models = new ReceivedModels(onChange);
	await addReceived(received('a'), receivedFiles);
	await models.load();
});
afterEach(() => deleteDatabase());

test('what was deleted for good meanwhile is said to be gone, and is not shown any more', async () => {
	await changeReceived('a', { trashed: 9000 });
	await models.refresh();
	const [thrown] = models.thrown;
	expect(thrown?.id).toBe('a');
	await deleteReceived('a');
	await models.takeBack(received('a'));
	expect(models.trouble).toContain('gone for good');
	expect([...models.here, ...models.thrown]).toEqual([]);
});

test('of a model that is kept anew it is told which one gave way to it', async () => {
	await addReceived(received('b', { added: 6000 }), receivedFiles, 'a');
	await models.changed('b');
	expect(onChange).toHaveBeenLastCalledWith({ id: 'b', replaced: 'a' });
	await addReceived(received('c', { added: 7000 }), receivedFiles);
	await models.changed('c');
	expect(onChange).toHaveBeenLastCalledWith({ id: 'c', replaced: undefined });
	await models.changed();
	expect(onChange).toHaveBeenLastCalledWith(undefined);
});
