import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Estimate } from '$lib/domain/evaluation';
import { deleteDatabase } from '$lib/storage/database';
import { addRun, listRuns } from '$lib/storage/models';
import { addProject, readProject } from '$lib/storage/projects';
import { model, project, run } from '$lib/storage/suite/page';
import { keepTuned } from './fine-tune';

const better = { value: 0.05, low: 0.01, high: 0.09 };
const alike = { value: 0.01, low: -0.03, high: 0.05 };

beforeEach(async () => {
	await addProject(project());
	await addRun(run('before', 'old'), model('old'), true);
});
afterEach(() => deleteDatabase());

test.each([
	['that is better', better, true, 'tuned', ['tuned', 'before']],
	['that is better, of photos that are new', better, false, 'tuned', ['tuned', 'before']],
	['that is as good: the model before it', alike, true, 'old', ['tuned', 'before']],
	['that is as good, of photos that are new: the head', alike, false, 'head', ['tuned', 'head', 'before']],
	['of too few photos to tell: the model before it', null, true, 'old', ['tuned', 'before']]
] as const)('in use after a tuned model %s', async (_, gain: Estimate | null, fresh, inUse, runs) => {
	const started = run('before', 'old').started + 10;
	await keepTuned(
		{
			...{ run: { ...run('tuned', 'tuned'), started, gain }, model: model('tuned') },
			head: { run: { ...run('head', 'head'), started }, model: model('head') }
		},
		fresh
	);
	expect((await readProject('p'))?.modelId).toBe(inUse);
	expect((await listRuns('p')).map(({ id }) => id)).toEqual(runs);
	expect((await listRuns('p'))[0]?.gain).toEqual(gain);
});
