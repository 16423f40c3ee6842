/** The real worker in a real browser: a file of this server plays the hub's. */
import { expect, test } from 'vitest';
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import { openVerified } from '$lib/storage/verified';
import { backbones } from '$models/catalog';
import { Downloads } from './downloads';

const [some] = backbones;
const { url, sha256, bytes } = some?.labels ?? { url: '', sha256: '', bytes: 0 };
const hubFile = { url: new URL(url, `${location.origin}/`).href, sha256, bytes };

function pageFor(file: FileFacts) {
	const card = { ...some, id: 'hub', delivery: 'download', file } as BackboneCard;
	const createWorker = () =>
		new Worker(new URL('../../../workers/download.worker.ts', import.meta.url), { type: 'module' });
	return new Downloads({ cards: [card], createWorker, persist: async () => true });
}

test('the worker fetches, checks and keeps a file, and the page opens it without a network', async () => {
	const downloads = pageFor(hubFile);
	await downloads.start('hub');
	expect(downloads.states.get('hub')).toMatchObject({ phase: 'kept', received: bytes, trouble: null });
	const never = () => Promise.reject<Response>(new Error('no network wanted'));
	const opened = await openVerified(hubFile, { base: '', fetch: never });
	expect(opened).toMatchObject({ from: 'kept', kept: true });
	await downloads.remove('hub');
	expect(downloads.states.get('hub')).toMatchObject({ phase: 'absent' });
});

test('what the worker refuses reaches the page with its code and words, and nothing is kept', async () => {
	const downloads = pageFor({ ...hubFile, sha256: '0'.repeat(64) });
	await downloads.start('hub');
	const state = downloads.states.get('hub');
	expect(state).toMatchObject({ phase: 'failed', received: 0, trouble: { code: 'download-wrong' } });
	expect(state?.trouble?.message).toContain('Nothing was kept');
});
