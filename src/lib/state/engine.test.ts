import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BackboneCard } from '$lib/domain/card';
import { deviceThreads, makeEngine } from '$lib/services/engine-parts';
import { StatusBoard } from '$lib/services/engine-status';
import { fastestThreads } from '$lib/services/threads';
import { received } from '$lib/storage/suite/receiving';
import type { Chosen } from './choice.svelte';
import { Choice, defaultBackbone } from './choice.svelte';
import { EngineState } from './engine.svelte';
import type { SettingsState } from './settings.svelte';

vi.mock('$lib/services/engine-parts');
vi.mock('$lib/services/threads');
vi.mock('$lib/storage/errors');

/** An engine that brings up whatever it is given, at once. */
class StandIn {
	readonly #board = new StatusBoard(true);
	readonly use = vi.fn((card: BackboneCard, _preference: string, threads?: number) => {
		this.#board.change({ phase: 'ready', backend: 'wasm', backboneId: card.id, threads: threads ?? 1 });
		return Promise.resolve(true);
	});
	readonly stop = vi.fn();
	readonly labels = [];
	get status() {
		return this.#board.status;
	}
	subscribe(...parameters: Parameters<StatusBoard['subscribe']>) {
		return this.#board.subscribe(...parameters);
	}
}

const [one, two] = [received('one').card, received('two').card];
let cards: Map<string, BackboneCard>;
let service: StandIn;
let settings: { backboneId: string | null; backend: 'auto'; threads: number | null };

function setUp(): EngineState {
	const state = {
		get value() {
			return settings;
		},
		change: (patch: Partial<typeof settings>) => {
			settings = { ...settings, ...patch };
			return Promise.resolve();
		}
	};
	const models = { card: (id: string | null) => cards.get(id ?? ''), load: () => Promise.resolve() };
	return new EngineState(state as unknown as SettingsState, models); // all that is asked of them
}

const used = () => service.use.mock.calls.map(([card]) => card.id);

beforeEach(() => {
	cards = new Map([one, two].map((card) => [card.id, card]));
	settings = { backboneId: one.id, backend: 'auto', threads: 1 };
	service = new StandIn();
	vi.mocked(makeEngine).mockReturnValue(service as unknown as ReturnType<typeof makeEngine>); // all that is asked of it
	vi.mocked(deviceThreads).mockReturnValue([1, 4]);
});
afterEach(() => vi.restoreAllMocks());

test('what was chosen while it was found out whether the other has changed is not started twice', async () => {
	const engine = setUp();
	await engine.start();
	let tell = (_outdated: boolean) => {};
	vi.spyOn(Choice.prototype, 'isOutdated').mockReturnValue(new Promise((resolve) => (tell = resolve)));
	const freshening = engine.freshen();
	await expect.poll(() => vi.mocked(Choice.prototype.isOutdated).mock.calls.length).toBe(1);
	await engine.choose(two.id);
	tell(true);
	await freshening;
	expect(used()).toEqual([one.id, two.id]);
});

test('a model that takes the place of the chosen one is chosen', async () => {
	const engine = setUp();
	await engine.start();
	cards.delete(one.id);
	await engine.freshen({ id: two.id, replaced: one.id });
	expect([settings.backboneId, engine.gaveWay, ...used()]).toEqual([two.id, null, one.id, two.id]);
	await engine.freshen({ id: one.id, replaced: 'three' });
	expect([settings.backboneId, ...used()]).toEqual([two.id, one.id, two.id]);
});

test('what works in the place of a model that is still not to be had goes on', async () => {
	const found: Chosen = {
		...{ card: defaultBackbone, gaveWay: 'Not here.', own: null, stamp: 'failed' },
		missing: [one.file]
	};
	vi.spyOn(Choice.prototype, 'find').mockResolvedValue(found);
	vi.spyOn(Choice.prototype, 'isOutdated').mockResolvedValue(true);
	const engine = setUp();
	await engine.start();
	await engine.freshen();
	expect(used()).toEqual([defaultBackbone.id]);
	await engine.setBackend('wasm');
	expect(used()).toEqual([defaultBackbone.id, defaultBackbone.id]);
});

test('threads that were found out are taken, though the card was read anew meanwhile', async () => {
	settings.threads = null;
	vi.mocked(fastestThreads).mockImplementation(() => {
		cards.set(one.id, { ...one });
		return Promise.resolve(4);
	});
	const engine = setUp();
	await engine.start();
	await expect.poll(() => engine.status.threads).toBe(4);
	expect(used()).toEqual([one.id, one.id]);
});
