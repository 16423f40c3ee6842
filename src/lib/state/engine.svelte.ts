/** The engine and the backbone in it, as the screens see them. */
import { base } from '$app/paths';
import { asTrouble } from '$lib/domain/trouble';
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import { isSame } from '$lib/services/asked';
import type { Engine } from '$lib/services/engine';
import type { EngineStatus } from '$lib/services/engine-status';
import { bringFiles, deviceThreads, makeEngine } from '$lib/services/engine-parts';
import { fastestThreads } from '$lib/services/threads';
import { noteError } from '$lib/storage/errors';
import { Choice, defaultBackbone } from './choice.svelte';
import type { Kept, ReceivedModels } from './received.svelte';
import type { SettingsState } from './settings.svelte';

export class EngineState {
	readonly #choice: Choice;
	readonly service: Engine;
	#settings: SettingsState;
	#status: EngineStatus;
	#starting: Promise<void> = Promise.resolve();
	/** Ends looking for what was chosen before. */
	#finding = new AbortController();
	/** Id of what was chosen and is still being put together. */
	#coming: string | null = $state(null);
	/** Why the chosen backbone gave way to the default. */
	#gaveWay: string | null = $state(null);
	#trial: Promise<void> | null = null;
	/** Files that what was asked for lacks, and that may be had later. */
	#missing: readonly FileFacts[] | null = null;
	#looking = false;
	#setback: { words: string; fromGpu: boolean } | null = $state.raw(null);
	#trials: Engine[] = [];
	/** What a project's photos are looked at with while it is open; null: what the person chose. */
	#lent: string | null = null;
	#stop = new AbortController();

	constructor(settings: SettingsState, models: Pick<ReceivedModels, 'card' | 'load'>) {
		this.#settings = settings;
		this.#choice = new Choice(models);
		this.service = makeEngine(base, this.#choice.made);
		this.#status = $state.raw(this.service.status);
		this.service.subscribe((status) => {
			const fromGpu = this.#status.backend === 'webgpu';
			const { phase, note } = (this.#status = status);
			// Only a start that nobody asked for begins with a note.
			if (phase === 'starting') this.#setback = note === null ? null : { words: note, fromGpu };
		});
	}

	/** Why the engine had to be started again while it worked, in words; null where it ran through. */
	get setback(): string | null {
		return this.#setback?.words ?? null;
	}

	/** The same in three words, for a badge. */
	get setbackBadge(): string | null {
		if (!this.#setback) return null;
		const onCpu = this.#setback.fromGpu && this.#status.backend === 'wasm';
		return onCpu ? 'On the CPU now' : 'Engine restarted';
	}

	get status(): EngineStatus {
		return this.#status;
	}

	get ready(): boolean {
		return this.#status.phase === 'ready';
	}

	/** The backbone in use, or on its way. */
	get card(): BackboneCard {
		return this.#choice.card(this.#status.backboneId);
	}

	/** Id of what is in use, or will be. */
	get chosenId(): string {
		return this.#coming ?? this.card.id;
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

	get #stopped(): boolean {
		return this.#stop.signal.aborted;
	}

	/** Brings up what the settings say. Never fails: `status.trouble` says what went wrong. */
	start(): Promise<void> {
		this.#starting = this.#start(true);
		return this.#starting;
	}

	/** @param anew what does the work in the place of another is started again, too */
	async #start(anew: boolean): Promise<void> {
		if (this.#stopped) return;
		this.#finding.abort();
		const { signal } = (this.#finding = new AbortController());
		const backboneId = this.#wanted;
		this.#coming = backboneId ?? defaultBackbone.id;
		const chosen = await this.#choice
			.find(backboneId, AbortSignal.any([signal, this.#stop.signal]))
			.catch(() => null); // given up for a later start, or for good
		if (!chosen || signal.aborted || this.#stopped) return;
		this.#choice.take(chosen);
		this.#coming = null;
		this.#gaveWay = chosen.gaveWay;
		this.#missing = chosen.missing;
		const goesOn = chosen.gaveWay !== null && this.ready && this.#status.backboneId === chosen.card.id;
		if (goesOn && !anew) return;
		await this.#use(chosen.card, backboneId);
	}

	async #use(chosen: BackboneCard, backboneId: string | null): Promise<void> {
		try {
			const { backend, threads } = this.#settings.value;
			if (!(await this.service.use(chosen, backend, threads ?? 1)) || this.#stopped) return;
			this.#trial ??= this.#tryThreads(chosen).finally(() => (this.#trial = null));
		} catch (cause) {
			const trouble = asTrouble(cause, 'engine-failed', 'The engine could not be started.');
			void noteError('engine', trouble);
			this.#missing = trouble.code.startsWith('file-') ? [chosen.file, chosen.labels] : null;
			// A project is looked at with its own network or with none: another one's features are of no use to it.
			if (chosen === defaultBackbone || this.#wanted !== backboneId || this.#lent !== null) return;
			this.#gaveWay = `${trouble.message} Until then ${defaultBackbone.name} does the work.`;
			this.#choice.giveWay();
			await this.service.use(defaultBackbone, this.#settings.value.backend).catch(() => undefined);
		}
	}

	/**
	 * Takes up what a project's model has learned since, and models that went or came back.
	 *
	 * @param kept a model that was kept anew; it is chosen where the one that it replaced was
	 */
	async freshen(kept?: Kept): Promise<void> {
		if (kept?.replaced !== undefined && kept.replaced === this.#settings.value.backboneId)
			await this.#settings.change({ backboneId: kept.id });
		// One that was given up ends at once, for the one after it.
		for (let seen; seen !== this.#starting;) await (seen = this.#starting);
		if (this.#status.phase === 'idle') return;
		const [starting, wanted] = [this.#starting, this.#wanted];
		const again = kept !== undefined && kept.id === wanted;
		if (!again && !(await this.#choice.isOutdated(wanted))) return;
		// Whoever chose or started something meanwhile brings up what is right.
		const free = this.#starting === starting && this.#wanted === wanted && this.#coming === null;
		await (free ? (this.#starting = this.#start(false)) : this.#starting);
	}

	/** Once a device: finds out how many threads its CPU should use, while the engine already answers with one. */
	async #tryThreads(card: BackboneCard): Promise<void> {
		const candidates = deviceThreads();
		const known = this.#settings.value.threads !== null;
		// A trial reads the files anew: where they are not kept, it would fetch them anew.
		const kept = this.#status.files.every(({ state }) => state === 'kept');
		if (this.#status.backend !== 'wasm' || known || !kept || candidates.length < 2) return;
		const threads = await fastestThreads(() => this.#trialEngine(), card, candidates);
		// Not found out: the next visit tries again.
		if (threads === null || this.#stopped) return;
		await this.#settings.change({ threads });
		const unchanged =
			this.#status.backend === 'wasm' &&
			this.#status.backboneId === card.id &&
			isSame(this.#choice.card(card.id), card);
		if (threads > 1 && unchanged)
			await this.service.use(card, this.#settings.value.backend, threads).catch(() => undefined);
	}

	/** Goes on by itself when the network or the person is back. Call once on the page. @returns how to stop */
	follow(): () => void {
		const again = () => void this.#tryMissing();
		const seen = () => document.visibilityState === 'visible' && again();
		addEventListener('online', again);
		document.addEventListener('visibilitychange', seen);
		return () => {
			removeEventListener('online', again);
			document.removeEventListener('visibilitychange', seen);
		};
	}

	async #tryMissing(): Promise<void> {
		const missing = this.#missing;
		if (!missing || this.#looking || this.#stopped) return;
		this.#looking = true;
		// What does the work meanwhile goes on until the other has arrived.
		const come = !this.ready || (await bringFiles(missing, base, this.#stop.signal));
		this.#looking = false;
		if (come && this.#missing === missing && !this.#stopped) await this.start();
	}

	#trialEngine(): Engine {
		const engine = makeEngine(base, this.#choice.made);
		if (!this.#stopped) this.#trials.push(engine);
		return engine;
	}

	/** For good: nothing is run, fetched or kept any more. */
	stop(): void {
		this.#stop.abort();
		for (const engine of [this.service, ...this.#trials]) engine.stop();
	}

	get #wanted(): string | null {
		return this.#lent ?? this.#settings.value.backboneId;
	}

	/** Works with a project's backbone until it is given back with null; the person's choice stays as it is. */
	async lend(backboneId: string | null): Promise<void> {
		this.#lent = backboneId;
		const { phase, backboneId: running } = this.#status;
		// Not started yet: whoever starts it takes what is wanted then.
		if (phase === 'idle' && this.#coming === null) return;
		const failed = phase === 'failed' && this.#coming === null;
		if (failed || (this.#coming ?? running) !== (this.#wanted ?? defaultBackbone.id)) return this.start();
		// What gave way was lent before.
		if (this.#coming === null) this.#gaveWay = null;
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
