/** The engine and the backbone in it, as the screens see them. */
import { base } from '$app/paths';
import { asTrouble } from '$lib/domain/trouble';
import type { BackboneCard } from '$lib/domain/card';
import type { Engine, EngineStatus } from '$lib/services/engine';
import { deviceThreads, dropOldFiles, makeEngine } from '$lib/services/engine-parts';
import { fastestThreads } from '$lib/services/threads';
import { noteError } from '$lib/storage/errors';
import { backboneById, backbones } from '$models/catalog';
import type { SettingsState } from './settings.svelte';

const fallback = backbones[0];
if (!fallback) throw new Error('the shelf has no embedded backbone');
export const defaultBackbone: BackboneCard = fallback;

export class EngineState {
	readonly service = makeEngine(base);
	#settings: SettingsState;
	#status: EngineStatus = $state.raw(this.service.status);
	/** Why the chosen backbone gave way to the default. */
	#gaveWay: string | null = $state(null);
	#trial: Promise<void> | null = null;
	#tidied = false;
	/** What was asked for lacks a file that may be had later. */
	#missing = false;
	#setback: string | null = $state(null);
	#trials: Engine[] = [];
	#stopped = false;

	constructor(settings: SettingsState) {
		this.#settings = settings;
		this.service.subscribe((status) => {
			this.#status = status;
			// Only a start that nobody asked for begins with a note.
			if (status.phase === 'starting') this.#setback = status.note;
		});
	}

	/** Why the engine had to be started again while it worked, in words; null where it ran through. */
	get setback(): string | null {
		return this.#setback;
	}

	get status(): EngineStatus {
		return this.#status;
	}

	get ready(): boolean {
		return this.#status.phase === 'ready';
	}

	/** The backbone in use, or on its way. */
	get card(): BackboneCard {
		return backboneById(this.#status.backboneId ?? '') ?? defaultBackbone;
	}

	get labels(): readonly string[] {
		return this.ready ? this.service.labels : [];
	}

	get gaveWay(): string | null {
		return this.#gaveWay;
	}

	/** What does not run as well as it might, in words. */
	get note(): string | null {
		return this.#gaveWay ?? this.#status.note;
	}

	/** Brings up what the settings say. Never fails: `status.trouble` says what went wrong. */
	async start(): Promise<void> {
		const { backboneId } = this.#settings.value;
		const chosen = backboneById(backboneId ?? '') ?? defaultBackbone;
		this.#gaveWay = null;
		this.#missing = false;
		try {
			await this.service.use(chosen, this.#settings.value.backend, this.#settings.value.threads ?? 1);
			if (this.#stopped) return;
			this.#tidy();
			this.#trial ??= this.#tryThreads(chosen).finally(() => (this.#trial = null));
		} catch (cause) {
			const trouble = asTrouble(cause, 'engine-failed', 'The engine could not be started.');
			void noteError('engine', trouble);
			this.#missing = trouble.code.startsWith('file-');
			if (chosen === defaultBackbone || this.#settings.value.backboneId !== backboneId) return;
			this.#gaveWay = `${trouble.message} Until then ${defaultBackbone.name} does the work.`;
			await this.service.use(defaultBackbone, this.#settings.value.backend).catch(() => undefined);
		}
	}

	/** Once a device: finds out how many threads its CPU should use, while the engine already answers with one. */
	async #tryThreads(card: BackboneCard): Promise<void> {
		const candidates = deviceThreads();
		const known = this.#settings.value.threads !== null;
		if (this.#status.backend !== 'wasm' || known || candidates.length < 2) return;
		const threads = await fastestThreads(() => this.#trialEngine(), card, candidates);
		// Not found out: the next visit tries again.
		if (threads === null || this.#stopped) return;
		await this.#settings.change({ threads });
		const unchanged = this.#status.backend === 'wasm' && this.#status.backboneId === card.id;
		if (threads > 1 && unchanged)
			await this.service.use(card, this.#settings.value.backend, threads).catch(() => undefined);
	}

	/** Once a visit: an older tab must not throw away what a newer version keeps. */
	#tidy(): void {
		if (this.#tidied) return;
		this.#tidied = true;
		void dropOldFiles(base).catch((cause: unknown) => noteError('storage', cause));
	}

	/** Goes on by itself when the network or the person is back. Call once on the page. @returns how to stop */
	follow(): () => void {
		const again = () => {
			if (this.#missing) void this.start();
		};
		const seen = () => document.visibilityState === 'visible' && again();
		addEventListener('online', again);
		document.addEventListener('visibilitychange', seen);
		return () => {
			removeEventListener('online', again);
			document.removeEventListener('visibilitychange', seen);
		};
	}

	#trialEngine(): Engine {
		const engine = makeEngine(base);
		if (!this.#stopped) this.#trials.push(engine);
		return engine;
	}

	/** For good: nothing is run, fetched or kept any more. */
	stop(): void {
		this.#stopped = true;
		for (const engine of [this.service, ...this.#trials]) engine.stop();
	}

	/** Chooses a backbone, now and for the next visits. */
	async choose(backboneId: string): Promise<void> {
		await this.#settings.change({ backboneId });
		await this.start();
	}

	async setBackend(backend: 'auto' | 'webgpu' | 'wasm'): Promise<void> {
		await this.#settings.change({ backend });
		await this.start();
	}
}
