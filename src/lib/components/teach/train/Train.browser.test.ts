/** Fine-tuning and training from scratch on the Train page: how it is chosen, what it says while it goes on, and afterwards. */
import { flushSync, mount, unmount, type ComponentProps } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { TrainingRun } from '$lib/domain/model';
import { FINE_TUNE, HEAD, MLP, SCRATCH } from './config';
import Train from './Train.svelte';

type Props = ComponentProps<typeof Train>;

const verbs = {
	...{ ontrain: vi.fn<Props['ontrain']>(), onstop: vi.fn(), onenough: vi.fn(), onuse: vi.fn() },
	onthrowaway: vi.fn<Props['onthrowaway']>(),
	onask: vi.fn<Props['onask']>()
};
const shown: Record<string, unknown>[] = [];
afterEach(async () => {
	await Promise.all(shown.splice(0).map((one) => unmount(one)));
	vi.resetAllMocks();
});

/** Puts the page up. */
function show(change: Partial<Props> = {}): void {
	const nothing = () => undefined;
	const props: Props = {
		...{
			outlook: { labels: 2, photos: 120, missing: [], seconds: null, tuning: null },
			phase: 'idle',
			...{ running: null, begun: null, goesOn: false }
		},
		...{
			progress: null,
			epochs: [],
			trouble: null,
			labels: [],
			runs: [],
			run: null,
			stale: false,
			thrown: new Set()
		},
		...{ keepLearning: true, views: [], sample: null, sampleTrouble: null, cannotTune: null },
		...{ href: { photos: '/p', review: '/r', try: '/t' }, onkeeplearning: nothing, onview: nothing },
		...{ onviews: nothing, onanother: nothing, ...verbs, ...change }
	};
	shown.push(mount(Train, { target: document.body, props }));
	flushSync();
}

const run = (id: string, config: TrainingRun['config'], more: Partial<TrainingRun> = {}): TrainingRun => ({
	...{ id, projectId: 'p', started: 0, time: 1000, config, from: '', photos: { x: 60, y: 60 } },
	...{ withheld: 0, state: 'done', trouble: '', epochs: [], strength: null, engine: 'webgpu' },
	...{ modelId: `model of ${id}`, evaluation: null, ...more }
});

function button(words: string): HTMLButtonElement | undefined {
	return [...document.querySelectorAll('button')].find(({ textContent }) => textContent.trim() === words);
}

function press(words: string): void {
	const found = button(words);
	if (!found) throw new Error(`There is no button “${words}”.`);
	found.click();
	flushSync();
}

/** One of the ways to learn, as it stands on the page. */
function way(words: string) {
	const label = [...document.querySelectorAll<HTMLElement>('.way')].find(
		(one) => one.querySelector('.words')?.textContent === words
	);
	const radio = label?.querySelector('input');
	if (!label || !radio) throw new Error(`There is no way “${words}”.`);
	return { radio, words: label.textContent };
}

/** Takes the choice at an index of a setting. */
function set(setting: string, at: number): void {
	const label = [...document.querySelectorAll('label')].find(
		(one) => one.querySelector('.words')?.textContent === setting
	);
	const range = label?.querySelector<HTMLInputElement>('[type=range]');
	if (!range) throw new Error(`There is no setting “${setting}”.`);
	range.value = String(at);
	range.dispatchEvent(new Event('input', { bubbles: true }));
	flushSync();
}

function choose(words: string): void {
	way(words).radio.click();
	flushSync();
}

test('what was set of each way is trained with, also after a look at another way', () => {
	show();
	choose('Fine-tune');
	set('Blocks', 3);
	set('Learning rate', 0);
	choose('MLP');
	set('Epochs', 0);
	choose('Head');
	choose('Fine-tune');
	press('Train');
	choose('MLP');
	press('Train');
	choose('Fine-tune');
	press('Back to the usual settings');
	press('Train');
	expect(verbs.ontrain.mock.calls.flat()).toEqual([
		{ ...FINE_TUNE, blocks: 4, learningRate: 0.0001 },
		{ ...MLP, epochs: 10 },
		FINE_TUNE
	]);
});

test('from scratch says what to expect, can be set, and asks nothing of the project’s network', () => {
	show({ cannotTune: 'This network can take a new head only.' });
	expect(way('From scratch').words).toContain('Nearly always worse than the head');
	choose('From scratch');
	set('Size of the photos', 1);
	set('Epochs', 0);
	press('Train');
	expect(verbs.ontrain).toHaveBeenCalledWith({ ...SCRATCH, size: 64, epochs: 5 });
	expect(verbs.onask).not.toHaveBeenCalled();
});

test('a model from scratch that is no better is told with its gain, and in use it stays as it is', () => {
	const scratch = run('scratch', SCRATCH, { gain: { value: -0.3, low: -0.4, high: -0.2 } });
	const head = run('head', HEAD);
	show({ runs: [scratch, head], run: head });
	expect(document.body.textContent).toContain('From scratch, 32 px, 20 epochs');
	expect(document.body.textContent).toContain('not better than the head (−30 points, between −40 and −20)');
	show({ runs: [scratch, head], run: scratch });
	expect(document.body.textContent).toContain('The model trained from scratch in use stays as it is');
});

test('a network that cannot be fine-tuned says so, and learns a head', () => {
	const tuned = run('tuned', FINE_TUNE);
	show({ cannotTune: 'This network can take a new head only.', runs: [tuned], run: tuned });
	expect(way('Fine-tune').radio.disabled).toBe(true);
	expect(way('Fine-tune').words).toContain('can take a new head only');
	expect(way('Head').radio.checked).toBe(true);
	press('Train again');
	expect(verbs.ontrain).toHaveBeenCalledWith(HEAD);
});

test('a run that may be ended early is ended once, and says how long it takes', () => {
	const progress = { words: 'Learning', done: 0.4, left: 118_000, canEnd: true };
	show({ phase: 'training', progress });
	expect(document.body.textContent).toContain('about 2 minutes left, 40\u202f%');
	press('That is enough');
	press('That is enough');
	expect(verbs.onenough).toHaveBeenCalledTimes(1);
	expect(verbs.onstop).not.toHaveBeenCalled();
	press('Stop');
	expect(verbs.onstop).toHaveBeenCalledTimes(1);
});

test('a run that was taken up again shows what it learns by, whatever is in use', () => {
	const progress = { words: 'Learning', done: 0.4 };
	show({ phase: 'training', progress, running: { ...FINE_TUNE, epochs: 30 }, run: run('head', HEAD) });
	expect(way('Fine-tune').radio.checked).toBe(true);
});

test('a run that broke off is what a press of Train goes on with', () => {
	const begun = { ...FINE_TUNE, blocks: 1 };
	show({ begun, goesOn: true, run: run('head', HEAD) });
	press('Go on');
	expect(verbs.ontrain).toHaveBeenCalledWith(begun);
	expect(document.body.textContent).toContain('goes on where it stood');
});

test.each([
	['photos that changed', { goesOn: false }, false],
	['other settings', { goesOn: true }, true]
])('with %s a run that broke off begins anew, and the button says so', async (_, change, other) => {
	show({ begun: FINE_TUNE, ...change, run: run('head', HEAD) });
	if (other) {
		way('Head').radio.click();
		flushSync();
	}
	expect(button('Train again')).toBeDefined();
	expect(document.body.textContent).not.toContain('goes on where it stood');
});

test.each([
	['fine-tune', FINE_TUNE, true, true, false],
	['fine-tune, before it was kept', FINE_TUNE, false, false, true],
	['fine-tune, while nobody can tell', FINE_TUNE, undefined, false, false],
	['mlp', MLP, false, false, false]
] as const)(
	'what comes after a stop is said of those that can go on: %s',
	(_, running, kept, goesOn, anew) => {
		show({ phase: 'training', progress: { words: 'Learning', done: 0.4, kept }, running });
		expect(document.body.textContent.includes('After “Stop” it can go on later')).toBe(goesOn);
		expect(document.body.textContent.includes('stopped now, it begins anew')).toBe(anew);
	}
);

test('another run can only be stopped', () => {
	show({ phase: 'training', progress: { words: 'Learning', done: 0.4 } });
	expect(button('Stop')).toBeDefined();
	expect(button('That is enough')).toBeUndefined();
});

test('a fine-tuned model that is no better is not in use, and the reason stands at both places', () => {
	const head = run('head', HEAD);
	const tuned = run('tuned', FINE_TUNE, { gain: { value: 0.01, low: -0.03, high: 0.05 } });
	show({ runs: [tuned, head], run: head });
	expect(document.body.textContent).toContain('so the head stays in use.');
	expect(document.body.textContent).toContain('; not better than the head (+1 point, between −3 and 5)');
});

test('each model that is here and not in use can be thrown away; its run stays, and says where it is', () => {
	const head = run('head', HEAD, { modelBytes: 93_000 });
	const tuned = run('tuned', FINE_TUNE, { modelBytes: 6_120_000 });
	const gone = run('gone', MLP, { modelId: null });
	const thrown = run('thrown', SCRATCH, { modelId: null, modelBytes: 950_000 });
	show({ runs: [tuned, thrown, gone, head], run: head, thrown: new Set(['thrown']) });
	const rows = [...document.querySelectorAll<HTMLElement>('[aria-labelledby=runs] li')];
	const [first, ...others] = rows.map((row) => row.querySelector('[aria-label^="Throw away the model “"]'));
	expect(others).toEqual([null, null, null]);
	expect(
		rows.map(({ textContent }) => /model\s[\d.]+\s.B/.exec(textContent)?.[0].replace(/\s/g, ' '))
	).toEqual(['model 6.1 MB', undefined, undefined, 'model 93 kB']);
	expect(rows[1]?.textContent).toContain('its model is in the trash');
	expect(rows[2]?.textContent).toContain('its model is not here');
	if (!(first instanceof HTMLButtonElement)) throw new Error('There is no button.');
	first.focus();
	first.click();
	expect(verbs.onthrowaway).toHaveBeenCalledWith(tuned, 'model of tuned');
	expect(document.activeElement).toBe(rows[0]?.querySelector('h3'));
});

test('one that is better says by how much, and stays as it is between runs', () => {
	const tuned = run('tuned', FINE_TUNE, { gain: { value: 0.03, low: 0.01, high: 0.05 } });
	show({ runs: [tuned, run('head', HEAD)], run: tuned });
	expect(document.body.textContent).toContain('3 percentage points more often than the head');
	expect(document.body.textContent).not.toContain('than the head (+');
	expect(document.body.textContent).toContain('The fine-tuned model in use stays as it is');
	press('Train again');
	expect(verbs.ontrain).toHaveBeenCalledWith(FINE_TUNE);
});
