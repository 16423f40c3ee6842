/** The camera as the screens see it: on its way, running, or what is wrong with it in words. */
import {
	listCameras,
	onCamerasChanged,
	openCamera,
	type Camera,
	type CameraChange,
	type CameraFacts
} from '$lib/camera/camera';
import { asTrouble, type Trouble } from '$lib/domain/trouble';
import { noteError } from '$lib/storage/errors';
import { Light } from './light.svelte';
import type { SettingsState } from './settings.svelte';

/** So long a camera may take to send its first picture before something is said. */
export const PATIENCE_MS = 3000;

export class Viewfinder {
	readonly light = new Light();
	#settings: SettingsState;
	#phase: 'off' | 'asking' | 'live' | 'changing' = $state('off');
	#camera: Camera | null = $state.raw(null);
	#stream: MediaStream | null = $state.raw(null);
	#cameras: readonly CameraFacts[] = $state.raw([]);
	#trouble: Trouble | null = $state.raw(null);
	#muted = $state(false);
	#mutedCheck: ReturnType<typeof setTimeout> | undefined;
	/** The camera that was lost; it has to have gone from the list before it can be there again. */
	#lost: { deviceId: string; gone: boolean } | null = null;
	#attempt: AbortController | null = null;
	/** Switched off on purpose: a camera that is connected meanwhile stays off. */
	#resting = false;

	constructor(settings: SettingsState) {
		this.#settings = settings;
	}

	/** 'asking': there is no picture yet; 'changing': the last one, or black, stands until another camera runs. */
	get phase() {
		return this.#phase;
	}

	get camera(): Camera | null {
		return this.#camera;
	}

	/** What the running track offers. */
	get capabilities(): Camera['capabilities'] | null {
		// Another stream is another track, though the camera is the same.
		return this.#stream && this.#phase === 'live' ? (this.#camera?.capabilities ?? null) : null;
	}

	/** For the `<video>`; null while no picture comes. */
	get stream(): MediaStream | null {
		return this.#stream;
	}

	get cameras(): readonly CameraFacts[] {
		return this.#cameras;
	}

	get trouble(): Trouble | null {
		return this.#trouble;
	}

	/** The camera runs but sends no picture: covered by a switch, or held by another app. */
	get muted(): boolean {
		return this.#muted;
	}

	get canTry(): boolean {
		// Against an insecure address only another address helps.
		return this.#trouble?.code !== 'camera-insecure';
	}

	get canFlip(): boolean {
		return this.#phase === 'live' && this.#cameras.length > 1;
	}

	get mirrored(): boolean {
		return this.#settings.value.mirrorFront && this.#camera?.facing === 'user';
	}

	/** Whether the camera comes on without a question to the person. */
	async allowed(): Promise<boolean> {
		try {
			return (await navigator.permissions.query({ name: 'camera' })).state === 'granted';
		} catch {
			return false;
		}
	}

	/**
	 * Asks for the camera that was used last, or for the one that is wished. Never fails: `trouble` says what
	 * went wrong.
	 *
	 * @param wish `only`: where that camera is gone, no other one will do
	 * @returns the camera, unless it failed or was given up
	 */
	async start(wish: { deviceId?: string; only?: boolean } = {}): Promise<Camera | null> {
		this.#attempt?.abort();
		const attempt = (this.#attempt = new AbortController());
		const { signal } = attempt;
		this.#resting = false;
		if (!wish.only) this.#lost = null;
		this.#makeWay();
		await this.#settings.load();
		if (signal.aborted) return null;
		const { cameraId, facing } = this.#settings.value;
		const { deviceId = cameraId ?? undefined, only = false } = wish;
		try {
			const camera = await openCamera({ deviceId, only, facing, signal });
			if (signal.aborted) {
				camera.stop();
				return null;
			}
			this.#take(camera);
			await this.refreshCameras();
			return camera;
		} catch (cause) {
			if (signal.aborted) return null;
			this.#fail(asTrouble(cause, 'camera-failed', 'The camera could not be started. Photos still work.'));
			return null;
		}
	}

	stop(): void {
		this.#attempt?.abort();
		this.#resting = true;
		this.#release();
		this.#phase = 'off';
	}

	/** The next camera in the list; on a phone that is the other side. */
	async flip(): Promise<void> {
		const at = this.#cameras.findIndex(({ deviceId }) => deviceId === this.#camera?.deviceId);
		const wanted = this.#camera?.facing === 'user' ? 'environment' : 'user';
		const next =
			this.#cameras.find(({ facing }) => facing === wanted) ?? this.#cameras[(at + 1) % this.#cameras.length];
		if (next) await this.choose(next.deviceId);
	}

	async choose(deviceId: string): Promise<void> {
		const camera = await this.start({ deviceId });
		if (camera) await this.#settings.change({ cameraId: deviceId, facing: camera.facing });
	}

	async refreshCameras(): Promise<void> {
		this.#cameras = await listCameras().catch(() => []);
	}

	/** Keeps the list of cameras true, and starts once more when a lost camera comes back. @returns how to stop */
	follow(): () => void {
		return onCamerasChanged(() => {
			void this.refreshCameras().then(() => this.#comeBack());
		});
	}

	/** Only the camera that was lost comes on by itself, or the first one where there was none to start. */
	async #comeBack(): Promise<void> {
		if (this.#resting || this.#phase !== 'off') return;
		const lost = this.#lost;
		if (lost && !this.#lists(lost.deviceId)) lost.gone = true;
		else if (lost?.gone) {
			lost.gone = false;
			await this.start({ deviceId: lost.deviceId, only: true });
		} else if (this.#trouble?.code === 'camera-missing' && this.#cameras.length > 0) await this.start();
	}

	#take(camera: Camera): void {
		this.#camera = camera;
		this.#run(camera);
		camera.onChange((change, trouble) => {
			if (camera === this.#camera) this.#changed(camera, change, trouble);
		});
	}

	/** A camera that ended may come back by itself, when the person returns to the page. */
	#changed(camera: Camera, change: CameraChange, trouble?: Trouble): void {
		if (change === 'restarted') this.#run(camera);
		else if (change === 'ended') {
			this.#lost ??= { deviceId: camera.deviceId, gone: !this.#lists(camera.deviceId) };
			this.#phase = 'off';
			this.#stream = null;
			this.#trouble = trouble ?? null;
			void noteError('camera', trouble);
		} else this.#muted = change === 'muted';
	}

	#run(camera: Camera): void {
		this.#phase = 'live';
		this.#stream = camera.stream;
		this.#trouble = null;
		this.#lost = null;
		this.#muted = false;
		// Some tracks begin muted and wake at once; those that stay so say nothing more by themselves.
		clearTimeout(this.#mutedCheck);
		this.#mutedCheck = setTimeout(() => (this.#muted = camera.muted), PATIENCE_MS);
		this.light.take(camera);
	}

	#lists(wanted: string): boolean {
		return this.#cameras.some(({ deviceId }) => deviceId === wanted);
	}

	/** The camera that runs goes off first, since phones open one at a time; its place on the screen stays. */
	#makeWay(): void {
		const camera = this.#camera;
		const stream = this.#stream;
		this.#release();
		this.#phase = stream ? 'changing' : 'asking';
		this.#trouble = null;
		if (!stream) return;
		this.#camera = camera;
		this.#stream = stream;
	}

	#fail(trouble: Trouble): void {
		void noteError('camera', trouble);
		this.#release();
		this.#phase = 'off';
		this.#trouble = trouble;
	}

	#release(): void {
		const camera = this.#camera;
		this.#camera = null;
		this.#stream = null;
		this.#muted = false;
		clearTimeout(this.#mutedCheck);
		this.light.take(null);
		camera?.stop();
	}
}
