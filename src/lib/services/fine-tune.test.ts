import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Estimate } from '$lib/domain/evaluation';
import type { FineTuneConfig } from '$lib/domain/training';
import { deleteDatabase } from '$lib/storage/database';
import { addRun, listRuns } from '$lib/storage/models';
import { addProject, readProject } from '$lib/storage/projects';
import { model, project, run } from '$lib/storage/suite/page';
import { keepTuned } from './fine-tune';

const better = { value: 0.05, low: 0.01, high: 0.09 };
const alike = { value: 0.01, low: -0.03, high: 0.05 };

const config: FineTuneConfig = {
	...{ kind: 'fine-tune', seed: 1, blocks: 1, epochs: 3, batch: 8, learningRate: 0.001 }
};
/** Of the model in use. */
const head = run('before', 'old');
const tuned = (value: number) => ({
	...head,
	config,
	gain: { value, low: value - 0.01, high: value + 0.01 }
});
const worse = tuned(-0.2);

beforeEach(async () => {
	await addProject(project());
	await addRun(run('before', 'old'), model('old'), true);
});
afterEach(() => deleteDatabase());

test.each([
	['that is better than the head', better, { rival: head }, 'tuned', ['tuned', 'before']],
	['that is better, of photos that are new', better, {}, 'tuned', ['tuned', 'before']],
	['that is as good: the model before it', alike, { rival: head }, 'old', ['tuned', 'before']],
	['that is as good, of photos that are new: the head', alike, {}, 'head', ['tuned', 'head', 'before']],
	['of too few photos to tell: the model before it', null, { rival: head }, 'old', ['tuned', 'before']],
	[
		'that is worse than another tuned one: that one',
		better,
		{ rival: tuned(0.06) },
		'old',
		['tuned', 'before']
	],
	[
		'that is as good as another tuned one: that one',
		better,
		{ rival: tuned(0.05) },
		'old',
		['tuned', 'before']
	],
	['that is better than another tuned one', better, { rival: tuned(0.04) }, 'tuned', ['tuned', 'before']],
	[
		'that is better than one that was worse than the head',
		better,
		{ rival: worse },
		'tuned',
		['tuned', 'before']
	],
	['whose labels are gone: the model before it', better, { outdated: true }, 'old', ['tuned', 'before']]
] as const)('in use after a tuned model %s', async (_, gain: Estimate | null, standing, inUse, runs) => {
	const started = run('before', 'old').started + 10;
	await keepTuned(
		{
			...{ run: { ...run('tuned', 'tuned'), config, started, gain }, model: model('tuned') },
			head: { run: { ...run('head', 'head'), started }, model: model('head') }
		},
		{ rival: null, outdated: false, ...standing }
	);
	expect((await readProject('p'))?.modelId).toBe(inUse);
	expect((await listRuns('p')).map(({ id }) => id)).toEqual(runs);
	expect((await listRuns('p'))[0]?.gain).toEqual(gain);
});
