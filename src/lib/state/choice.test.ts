import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { ownId } from '$lib/domain/own-model';
import { Trouble } from '$lib/domain/trouble';
import { readCards } from '$lib/services/cards';
import { openFile } from '$lib/services/engine-parts';
import { assembled } from '$lib/services/share-model';
import { deleteDatabase } from '$lib/storage/database';
import { addRun } from '$lib/storage/models';
import { addProject } from '$lib/storage/projects';
import { addReceived, changeReceived } from '$lib/storage/received';
import { model, project, run } from '$lib/storage/suite/page';
import { received, receivedFiles } from '$lib/storage/suite/receiving';
import { backbones } from '$models/catalog';
import { Choice, defaultBackbone } from './choice.svelte';

vi.mock('$lib/services/engine-parts');
vi.mock('$lib/services/share-model');

const network = backbones.find(({ delivery }) => delivery === 'download') ?? defaultBackbone;
const { signal } = new AbortController();
const chosen = ownId('p');

function choice(): Choice {
	return new Choice({ card: () => undefined, load: () => readCards().then(() => undefined) });
}

async function teach(): Promise<void> {
	await addProject(project('p'));
	const backbone = { id: network.id, sha256: network.file.sha256 };
	await addRun(run('r', 'm'), { ...model('m'), backbone }, true);
}

const bytes = new Uint8Array(4);
const opens = () => vi.mocked(openFile).mockResolvedValue({ bytes: bytes.buffer, from: 'kept', kept: true });
const isAssembled = () =>
	vi.mocked(assembled).mockResolvedValue({ bytes, card: { input: network.input, outputs: null } });

afterEach(() => deleteDatabase());

test('a project’s model whose network is not here is tried again, and tells what it lacks', async () => {
	await teach();
	const said = new Trouble('file-not-downloaded', 'It is not here. Download it first.');
	vi.mocked(openFile).mockRejectedValue(said);
	const here = choice();
	const found = await here.find(chosen, signal);
	expect(found).toMatchObject({ card: defaultBackbone, missing: [network.file] });
	expect(found.gaveWay).toContain(said.message);
	here.take(found);
	expect(await here.isOutdated(chosen)).toBe(true);

	opens();
	isAssembled();
	const next = await here.find(chosen, signal);
	expect(next).toMatchObject({ card: { id: chosen }, gaveWay: null, missing: null });
	here.take(next);
	expect(await here.isOutdated(chosen)).toBe(false);
});

test('one that could not be put together is tried again after a while, and lacks nothing', async () => {
	await teach();
	opens();
	vi.mocked(assembled).mockRejectedValue(new Trouble('share-failed', 'It did not work. Try again.'));
	const here = choice();
	const found = await here.find(chosen, signal);
	expect(found.missing).toBeNull();
	const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
	here.take(found);
	expect(await here.isOutdated(chosen)).toBe(false);
	clock.mockReturnValue(61_000);
	expect(await here.isOutdated(chosen)).toBe(true);
	clock.mockRestore();
});

test('a project that has not learned, or is gone, is not tried again until it is another', async () => {
	const here = choice();
	here.take(await here.find(chosen, signal));
	expect(await here.isOutdated(chosen)).toBe(false);
	await addProject(project('p'));
	here.take(await here.find(chosen, signal));
	expect(await here.isOutdated(chosen)).toBe(false);
});

test('a received model that is in the trash is said to be there', async () => {
	await addReceived(received('a'), receivedFiles);
	expect((await choice().find('b', signal)).gaveWay).toContain('not on this device');
	await changeReceived('a', { trashed: 9000 });
	expect((await choice().find('a', signal)).gaveWay).toBe(
		`The model that was chosen is in the trash. Take it back on the Models page to use it. ${defaultBackbone.name} does the work.`
	);
});
