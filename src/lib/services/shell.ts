/**
 * The app's offline shell as the page sees it: registers the service worker, says whether everything of the
 * app itself is kept, asks before an update, and hands over pictures shared from other apps. Knows no Svelte.
 */
import { Trouble } from '$lib/domain/trouble';

export interface ShellState {
	/** 'off' where there is no service worker: insecure page, development, private window. */
	phase: 'starting' | 'off' | 'installing' | 'ready' | 'failed';
	/** In words, for 'off' and 'failed'. */
	reason: string;
	/** A new version is complete and waits for `applyUpdate`. */
	updateWaiting: boolean;
	/** This tab runs a version that is no longer there in whole; `applyUpdate` reloads it. In words, else ''. */
	reloadReason: string;
}

export interface Readiness {
	ready: boolean;
	/** What is not kept yet, in words or as paths of files. */
	missing: string[];
}

const sharedCache = `lensmith-shared${APP_BASE}`;
const hour = 3_600_000;
/** Milliseconds for the service worker to look for, and fetch, what is missing. */
const patience = 60_000;

/** Why the app could not be kept, as the service worker tells it. */
const failures = {
	network: 'The app could not be kept whole: the connection was cut.',
	wrong:
		'The app could not be kept whole: something else came in place of one of its files. ' +
		'The network may want you to sign in first, or the server lacks a part of the app. It is tried again.',
	full: 'The app could not be kept: there is no space left for it here. Free some space and reload.'
};
let failure: keyof typeof failures = 'network';

let state: ShellState = { phase: 'starting', reason: '', updateWaiting: false, reloadReason: '' };
let base = '';
let registration: ServiceWorkerRegistration | undefined;
let attempt: Promise<void> | undefined;
let reloading = false;
const listeners = new Set<(state: ShellState) => void>();

function change(patch: Partial<ShellState>): void {
	state = { ...state, ...patch };
	for (const listener of listeners) listener(state);
}

/** Calls back at once and at every change. @returns how to stop */
export function subscribeShell(listener: (state: ShellState) => void): () => void {
	listeners.add(listener);
	listener(state);
	return () => listeners.delete(listener);
}

/**
 * Registers the service worker; call it once when the page has started.
 * @param options.base the app's base path, '' or '/app'
 * @param options.dev the development server has no service worker
 * @returns how to stop listening
 */
export function startShell(options: { base: string; dev: boolean }): () => void {
	base = options.base;
	const stop = new AbortController();
	const { signal } = stop;
	const reloadWanted = () =>
		change({
			reloadReason:
				'A part of the app could not be loaded; it may have been replaced by a newer version. ' +
				'Reload to get the whole of it. What you saved is kept.'
		});
	window.addEventListener('vite:preloadError', reloadWanted, { signal });
	const why = options.dev ? 'The development server keeps nothing.' : whyOff();
	if (why) {
		change({ phase: 'off', reason: why });
		return () => stop.abort();
	}
	followController(signal);
	navigator.serviceWorker.addEventListener('message', hearWhy, { signal });
	void install();
	let lastCheck = Date.now();
	const again = () => {
		if (state.phase === 'failed') void install();
		else if (Date.now() - lastCheck > hour) {
			lastCheck = Date.now();
			registration?.update().catch(() => undefined); // no network: the next look comes
		}
	};
	window.addEventListener('online', again, { signal });
	document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && again(), {
		signal
	});
	return () => stop.abort();
}

function whyOff(): string {
	if (!window.isSecureContext)
		return (
			'This address is not secure (http), so the browser lets the app keep nothing. ' +
			'Open it over https, or on this computer as localhost.'
		);
	if (!('serviceWorker' in navigator))
		return 'This browser window keeps nothing for later, as private windows do. It works while there is a network.';
	return '';
}

/** Another version took over: because this tab asked, then it reloads; because another did, then it asks. */
function followController(signal: AbortSignal): void {
	let controlled = navigator.serviceWorker.controller !== null;
	const changed = () => {
		if (reloading) location.reload();
		else if (controlled)
			change({
				updateWaiting: false,
				reloadReason: 'A newer version was started in another tab. Reload this one when it suits you.'
			});
		controlled = true;
	};
	navigator.serviceWorker.addEventListener('controllerchange', changed, { signal });
}

/** Comes before or after the installation is seen to have failed. */
function hearWhy({ data }: MessageEvent<{ type?: unknown; why?: unknown }>): void {
	if (data.type !== 'NOT_INSTALLED' || !isFailure(data.why)) return;
	failure = data.why;
	if (state.phase === 'failed') change({ reason: failures[failure] });
}

function isFailure(why: unknown): why is keyof typeof failures {
	return typeof why === 'string' && Object.hasOwn(failures, why);
}

function install(): Promise<void> {
	attempt ??= register().finally(() => (attempt = undefined));
	return attempt;
}

async function register(): Promise<void> {
	try {
		failure = 'network';
		change({ phase: 'installing', reason: '' });
		const found = await navigator.serviceWorker.register(`${base}/service-worker.js`);
		if (found !== registration) found.addEventListener('updatefound', () => follow(found));
		registration = found;
		follow(found);
	} catch (cause) {
		change({ phase: 'failed', reason: inWords(cause) });
	}
}

/** Keeps `state` true while a worker goes from installing to waiting or active. */
function follow(found: ServiceWorkerRegistration): void {
	const settle = () => {
		const active = found.active !== null && found.active.state !== 'redundant';
		if (active) change({ phase: 'ready', reason: '' });
		else if (!found.installing && !found.waiting) change({ phase: 'failed', reason: failures[failure] });
		change({ updateWaiting: active && found.waiting !== null });
	};
	for (const worker of [found.installing, found.waiting, found.active])
		worker?.addEventListener('statechange', settle);
	settle();
}

function inWords(cause: unknown): string {
	const message = cause instanceof Error ? cause.message : String(cause);
	if (/certificate|SSL/i.test(message))
		return (
			'The browser does not trust the certificate of this address, so the app cannot be kept for later. ' +
			'It works while there is a network.'
		);
	return `The app could not be kept for later (${message}). It tries again when there is a network.`;
}

/**
 * Whether the app itself opens without a network. Fetches again what is missing; an installation that was
 * cut off is resumed where it stopped.
 */
export async function shellReadiness(): Promise<Readiness> {
	if (state.phase === 'off') return { ready: false, missing: [state.reason] };
	const active = registration?.active;
	if (!active) {
		if (state.phase === 'failed') void install();
		return { ready: false, missing: ['the app itself'] };
	}
	const missing = await new Promise<string[]>((resolve) => {
		const { port1, port2 } = new MessageChannel();
		// A worker that was stopped meanwhile never answers; the next question starts it again.
		const timer = setTimeout(() => resolve(['the app itself']), patience);
		port1.onmessage = ({ data }: MessageEvent<string[]>) => {
			clearTimeout(timer);
			resolve(data);
		};
		active.postMessage({ type: 'MISSING' }, [port2]);
	});
	return { ready: missing.length === 0, missing };
}

/** Starts the version that waits, and reloads this tab; only ever called because a person agreed. */
export function applyUpdate(): void {
	reloading = true;
	const waiting = registration?.waiting;
	if (waiting) waiting.postMessage({ type: 'SKIP_WAITING' });
	else location.reload();
}

/**
 * The file that another app shared with this one, once: a picture for Look, or a model. Where several were shared they
 * are left there, for Teach: the service worker opens the one screen or the other.
 *
 * @throws Trouble 'shared-picture-lost' where what was shared could not be kept
 */
export async function takeSharedFile(): Promise<File | null> {
	const shared = new URL(location.href).searchParams.get('shared');
	if (shared === 'nothing')
		throw new Trouble('shared-picture-lost', 'What was shared did not arrive. Share it once more, please.');
	if (shared === null || !('caches' in window)) return null;
	const cache = await caches.open(sharedCache);
	const [only, ...more] = await cache.keys(); // none where it was taken before
	if (!only || more.length > 0) return null;
	const file = await sharedFile(cache, only);
	await cache.delete(only);
	return file;
}

/**
 * The pictures that another app shared, in its order. They stay there until they are forgotten.
 *
 * @returns `forget`: lets go of these, not of what was shared since
 */
export async function readSharedPictures(): Promise<{ files: File[]; forget(): Promise<void> }> {
	if (!('caches' in window)) return { files: [], forget: () => Promise.resolve() };
	const cache = await caches.open(sharedCache);
	const requests = await cache.keys(); // in the order they were kept
	const files = await Promise.all(requests.map((request) => sharedFile(cache, request)));
	const forget = async () => {
		await Promise.all(requests.map((request) => cache.delete(request)));
	};
	return { files: files.filter((file) => file !== null), forget };
}

async function sharedFile(cache: Cache, request: Request): Promise<File | null> {
	const kept = await cache.match(request);
	if (!kept) return null; // another tab was faster
	const name = decodeURIComponent(kept.headers.get('X-File-Name') ?? 'shared picture');
	const blob = await kept.blob();
	return new File([blob], name, { type: blob.type });
}

interface LaunchQueue {
	setConsumer(consumer: (launch: { files: readonly FileSystemFileHandle[] }) => void): void;
}

/** Calls back with files that the system opened with the installed app ("open with"); they may fail to be read. */
export function onOpenedFiles(callback: (files: Promise<File[]>) => void): void {
	const { launchQueue } = window as Window & { launchQueue?: LaunchQueue }; // Chromium only, not in lib.dom
	launchQueue?.setConsumer(({ files }) => {
		if (files.length > 0) callback(Promise.all(files.map((file) => file.getFile())));
	});
}
