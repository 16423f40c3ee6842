/** Whether everything works without a network, in words: the app itself, the files of the chosen backbone, storage. */
import { base } from '$app/paths';
import {
	applyUpdate,
	shellReadiness,
	startShell,
	subscribeShell,
	type ShellState
} from '$lib/services/shell';
import { storageHealth, watchStorageHealth, type StorageHealth } from '$lib/storage/health';
import type { EngineState } from './engine.svelte';
import type { SettingsState } from './settings.svelte';

const names = { engine: 'Engine', backbone: 'Model', labels: 'Labels' };
const states = {
	waiting: 'waiting',
	fetching: 'fetching',
	checked: 'not kept',
	kept: 'kept',
	failed: 'missing'
};
/** Milliseconds between two looks at what is still missing. */
const patience = 2000;
/** The same after a failed installation. */
const backOff = 20_000;

export class ReadinessState {
	#engine: EngineState;
	#settings: SettingsState;
	#shell: ShellState = $state.raw({ phase: 'starting', reason: '', updateWaiting: false, reloadReason: '' });
	#shellKept = $state(false);
	#looking = false;
	/** When it last looked, in milliseconds. */
	#looked = 0;
	#missing: readonly string[] = $state.raw([]);
	#health: StorageHealth = $state.raw(storageHealth());
	#online = $state(true);
	#stop: () => void = () => undefined;
	#used: { usage: number; quota: number; persisted: boolean } | null = $state.raw(null);

	constructor(engine: EngineState, settings: SettingsState) {
		this.#engine = engine;
		this.#settings = settings;
	}

	get files() {
		return this.#engine.status.files.map(({ what, file, received, state }) => ({
			what: names[what],
			bytes: file.bytes,
			received,
			state: states[state]
		}));
	}

	get #filesKept(): boolean {
		const { files } = this.#engine.status;
		return this.#engine.ready && files.length > 0 && files.every(({ state }) => state === 'kept');
	}

	/** Everything that the chosen backbone and engine need is kept, with the right hash, and so is the app. */
	get ready(): boolean {
		return this.#filesKept && this.#shellKept && !this.#engine.gaveWay;
	}

	/** A few words for the dot. */
	get words(): string {
		if (this.ready) return 'Ready offline';
		const { phase, files } = this.#engine.status;
		if (phase === 'failed' || (this.#engine.ready && this.#engine.gaveWay)) return 'Something is missing';
		if (this.#shell.phase === 'failed') return 'Could not be kept';
		if (this.#engine.ready && this.#shell.phase === 'off') return 'Not kept offline';
		if (this.#engine.ready && files.some(({ state }) => state === 'checked')) return 'Not kept offline';
		const bytes = files.reduce((sum, { file }) => sum + file.bytes, 0);
		const received = files.reduce((sum, file) => sum + file.received, 0);
		const share = bytes > 0 ? ` ${Math.floor((100 * received) / bytes)}\u202f%` : '';
		return `Getting ready${phase === 'loading' ? share : ''}`;
	}

	/** What is missing and what to do, one sentence each. */
	get sentences(): string[] {
		const { trouble } = this.#engine.status;
		const said: (string | null | undefined | false)[] = [
			this.ready && 'The app, its engine and the model are on this device. It works without a network.',
			trouble?.message,
			this.#engine.setback,
			this.#engine.gaveWay,
			this.#shell.reason,
			!this.ready && !this.#shell.reason && this.#missing.length > 0 && this.#missingWords(),
			this.#engine.ready &&
				this.#shell.phase !== 'off' &&
				!this.#filesKept &&
				'The engine and the model work now but could not be kept: the disk may be full. Free some space and reload.',
			!this.#online && !this.ready && 'There is no network right now; fetching goes on when it is back.',
			this.#health.reason,
			this.#settings.trouble
		];
		return [...new Set(said.filter((sentence) => typeof sentence === 'string'))];
	}

	/** Why a reload helps, in words; '' where it does not. */
	get reload(): string {
		if (this.#shell.reloadReason) return this.#shell.reloadReason;
		return this.#shell.updateWaiting ? 'A new version is ready. What you saved is kept.' : '';
	}

	/** What everyone should know before they start, in words; null where all is well. */
	get warning(): string | null {
		if (globalThis.isSecureContext === false)
			return 'This page came over an insecure address, so the browser allows no camera, no offline use, and nothing is kept. Photos from files work. Open it over https for the rest.';
		return this.#health.reason ?? null;
	}

	get storage() {
		return this.#used;
	}

	applyUpdate(): void {
		applyUpdate();
	}

	/** Registers the service worker and keeps looking. Call once on the page. @returns how to stop */
	start(dev: boolean): () => void {
		const stops = [
			subscribeShell((shell) => {
				this.#shell = shell;
				void this.#look();
			}),
			watchStorageHealth((health) => (this.#health = health)),
			startShell({ base, dev })
		];
		const network = () => (this.#online = navigator.onLine);
		network();
		addEventListener('online', network);
		addEventListener('offline', network);
		const timer = setInterval(() => void this.#look(), patience);
		this.#stop = () => {
			for (const stop of stops) stop();
			clearInterval(timer);
			removeEventListener('online', network);
			removeEventListener('offline', network);
		};
		return this.#stop;
	}

	/** Asks for nothing that is missing any more. */
	stop(): void {
		this.#stop();
	}

	async #look(): Promise<void> {
		if (this.#shellKept || this.#looking || this.#shell.phase === 'starting') return;
		// A failed installation is tried again now and then, and at once when the network or the person is back.
		if (this.#shell.phase === 'failed' && performance.now() - this.#looked < backOff) return;
		this.#looking = true;
		this.#looked = performance.now();
		try {
			const { ready, missing } = await shellReadiness();
			this.#shellKept = ready;
			this.#missing = missing;
			if (ready) await this.measureStorage();
		} finally {
			this.#looking = false;
		}
	}

	/** Looks up how much is stored. */
	async measureStorage(): Promise<void> {
		const storage = globalThis.navigator?.storage;
		if (!storage?.estimate) return;
		const { usage = 0, quota = 0 } = await storage.estimate();
		this.#used = { usage, quota, persisted: (await storage.persisted?.()) ?? false };
	}

	#missingWords(): string {
		const [first, ...others] = this.#missing;
		return others.length === 0
			? `Still to be kept: ${first}.`
			: `Still to be kept: ${this.#missing.length} files of the app.`;
	}
}
