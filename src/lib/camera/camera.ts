/**
 * The only user of MediaDevices: opens a camera, tells when it stops, brings it back when the person returns.
 */
import { facingFrom, type Facing } from './devices';
import { insecure, unplugged, untaken } from './refusals';
import { applyAll, openStream, type CameraOptions, type Told } from './stream';
import type { Trouble } from '$lib/domain/trouble';

export { listCameras, onCamerasChanged, type CameraFacts, type Facing } from './devices';
export { frames } from './frames';
export { unreadable } from './refusals';

/**
 * 'ended': no picture any more (unplugged, taken by another app); 'muted': the system holds the picture back
 * for now; 'restarted': there is a new `stream`.
 */
export type CameraChange = 'ended' | 'muted' | 'unmuted' | 'restarted';
type Watcher = (change: CameraChange, trouble?: Trouble) => void;

/** Image constraints of real tracks that TypeScript's DOM library leaves out (MediaStream Image Capture). */
interface ImageCapabilities extends MediaTrackCapabilities {
	torch?: boolean;
	zoom?: { min: number; max: number; step: number };
}

/** How long a track that is still muted on return gets to come back by itself. */
const UNMUTE_MS = 1000;

/**
 * Asks for the camera, about 640 × 480 for the live loop.
 *
 * @throws Trouble 'camera-insecure', 'camera-denied', 'camera-missing', 'camera-busy', 'camera-failed', and
 *   'camera-unplugged' where `only` the camera that is gone would do; AbortError
 */
export async function openCamera(
	options: CameraOptions = {},
	media: MediaDevices | undefined = navigator.mediaDevices
): Promise<Camera> {
	if (!media || !isSecureContext) throw insecure();
	return new Camera(await openStream(options, media), options, media);
}

export class Camera {
	#stream: MediaStream;
	readonly #options: CameraOptions;
	readonly #media: MediaDevices;
	readonly #watchers = new Set<Watcher>();
	#unwatch = new AbortController();
	#stopped = false;
	#restarting: Promise<void> | null = null;
	/** What this track was told beside its size. */
	#told: Told = {};

	/** For `openCamera`. */
	constructor(stream: MediaStream, options: CameraOptions, media: MediaDevices) {
		this.#stream = stream;
		this.#options = options;
		this.#media = media;
		this.#watch();
	}

	/** For the `<video>`; another one after 'restarted'. */
	get stream(): MediaStream {
		return this.#stream;
	}
	/** A camera that does not tell looks at the person: laptops do not tell. */
	get facing(): Facing {
		return facingFrom(this.#track.getSettings().facingMode, this.label) ?? 'user';
	}
	get deviceId(): string {
		return this.#track.getSettings().deviceId ?? '';
	}
	get label(): string {
		return this.#track.label;
	}
	/** The system holds the picture back: a switch at the camera, or another app. */
	get muted(): boolean {
		return this.#track.muted;
	}
	/** What the track offers now. `zoom` is in the camera's own units, null without zoom. */
	get capabilities(): { torch: boolean; zoom: { min: number; max: number; step: number } | null } {
		const { torch = false, zoom } = (this.#track.getCapabilities?.() ?? {}) as ImageCapabilities;
		if (!zoom || !(zoom.max > zoom.min)) return { torch, zoom: null };
		return { torch, zoom: { min: zoom.min, max: zoom.max, step: zoom.step } };
	}

	/** What the track does now; `zoom` is null where it does not tell. */
	get light(): { torch: boolean; zoom: number | null } {
		const { torch = false, zoom = null } = this.#track.getSettings();
		return { torch, zoom };
	}

	/** @throws Trouble 'camera-failed' where the track does not take it */
	async setTorch(on: boolean): Promise<void> {
		await this.#apply('torch', { torch: on });
	}
	/** @throws Trouble 'camera-failed' where the track does not take it */
	async setZoom(zoom: number): Promise<void> {
		await this.#apply('zoom', { zoom });
	}

	/** Calls back on every change; 'ended' comes with its words. @returns a function that ends it */
	onChange(watcher: Watcher): () => void {
		this.#watchers.add(watcher);
		return () => this.#watchers.delete(watcher);
	}

	/**
	 * Opens the same camera again in place of this stream.
	 *
	 * @throws Trouble as `openCamera`
	 */
	restart(): Promise<void> {
		this.#restarting ??= this.#reopen().finally(() => (this.#restarting = null));
		return this.#restarting;
	}

	/** Switches the camera off for good. */
	stop(): void {
		this.#stopped = true;
		this.#release();
		this.#watchers.clear();
	}

	get #track(): MediaStreamTrack {
		// `openStream` gives out no stream without a video track.
		return this.#stream.getVideoTracks()[0] as MediaStreamTrack;
	}

	async #apply(what: 'torch' | 'zoom', wish: { torch: boolean } | { zoom: number }): Promise<void> {
		const before = this.#told;
		const told = (this.#told = { ...before, ...wish });
		try {
			await applyAll(this.#track, told);
		} catch (cause) {
			// Unless it was wished otherwise meanwhile: what this track refuses must not spoil the next wish.
			if (this.#told[what] === told[what]) this.#told = { ...this.#told, [what]: before[what] };
			throw untaken(what, cause);
		}
	}

	async #reopen(): Promise<void> {
		const { deviceId, facing } = this;
		this.#release();
		this.#told = {};
		// Another camera in its place would look where nobody asked it to.
		const same = deviceId ? { deviceId, facing, only: true } : this.#options;
		try {
			this.#stream = await openStream({ ...same, signal: this.#options.signal }, this.#media);
		} finally {
			if (this.#stopped) this.#release();
			else this.#watch();
		}
		this.#tell('restarted');
	}

	#watch(): void {
		const { signal } = (this.#unwatch = new AbortController());
		const track = this.#track;
		track.addEventListener('ended', () => this.#tell('ended', unplugged()), { signal });
		track.addEventListener('mute', () => this.#tell('muted'), { signal });
		track.addEventListener('unmute', () => this.#tell('unmuted'), { signal });
		document.addEventListener('visibilitychange', () => this.#wake(signal), { signal });
	}

	/** Phones end or mute the track of a page in the background, some without an event. */
	#wake(signal: AbortSignal): void {
		if (document.visibilityState !== 'visible') return;
		const track = this.#track;
		if (track.readyState === 'ended') return this.#revive();
		if (!track.muted) return;
		const timer = setTimeout(() => track.muted && this.#revive(), UNMUTE_MS);
		signal.addEventListener('abort', () => clearTimeout(timer));
	}

	/** One try a return; whoever watches hears of its failure and may offer another. */
	#revive(): void {
		this.restart().catch((trouble: Trouble) => this.#tell('ended', trouble));
	}

	#release(): void {
		this.#unwatch.abort();
		for (const track of this.#stream.getTracks()) track.stop();
	}

	#tell(change: CameraChange, trouble?: Trouble): void {
		for (const watcher of this.#watchers) watcher(change, trouble);
	}
}
