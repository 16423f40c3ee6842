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

export class Viewfinder {
	readonly light = new Light();
	#settings: SettingsState;
	#phase: 'off' | 'asking' | 'live' = $state('off');
	#camera: Camera | null = $state.raw(null);
	#stream: MediaStream | null = $state.raw(null);
	#cameras: readonly CameraFacts[] = $state.raw([]);
	#trouble: Trouble | null = $state.raw(null);
	#muted = $state(false);
	#attempt: AbortController | null = null;
	/** Switched off on purpose: a camera that is connected meanwhile stays off. */
	#resting = false;

	constructor(settings: SettingsState) {
		this.#settings = settings;
	}

	get phase() {
		return this.#phase;
	}

	get camera(): Camera | null {
		return this.#camera;
	}

	/** What the running track offers. */
	get capabilities(): Camera['capabilities'] | null {
		// Another stream is another track, though the camera is the same.
		return this.#stream ? (this.#camera?.capabilities ?? null) : null;
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

	/** Asks for the camera that was used last. Never fails: `trouble` says what went wrong. */
	async start(wish: { deviceId?: string } = {}): Promise<void> {
		this.#attempt?.abort();
		const attempt = (this.#attempt = new AbortController());
		this.#resting = false;
		this.#release();
		this.#phase = 'asking';
		this.#trouble = null;
		await this.#settings.load();
		if (attempt.signal.aborted) return;
		const { cameraId, facing } = this.#settings.value;
		const deviceId = wish.deviceId ?? cameraId ?? undefined;
		try {
			const camera = await openCamera({ deviceId, facing, signal: attempt.signal });
			if (attempt.signal.aborted) return camera.stop();
			this.#take(camera);
			await this.refreshCameras();
		} catch (cause) {
			if (attempt.signal.aborted) return;
			this.#fail(asTrouble(cause, 'camera-failed', 'The camera could not be started. Photos still work.'));
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
		await this.start({ deviceId });
		const { camera } = this;
		if (camera) await this.#settings.change({ cameraId: deviceId, facing: camera.facing });
	}

	async refreshCameras(): Promise<void> {
		this.#cameras = await listCameras().catch(() => []);
	}

	/** Keeps the list of cameras true, and starts once more when a lost camera comes back. @returns how to stop */
	follow(): () => void {
		return onCamerasChanged(() => {
			const lost = this.#trouble?.code === 'camera-unplugged' || this.#trouble?.code === 'camera-missing';
			void this.refreshCameras().then(async () => {
				if (lost && !this.#resting && this.#cameras.length > 0) await this.start();
			});
		});
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
		this.#muted = false;
		this.light.take(camera);
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
		this.light.take(null);
		camera?.stop();
	}
}
