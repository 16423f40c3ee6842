/**
 * Photos from the camera: frames of the playing video, while a button is held, once, or after a countdown. Each is
 * kept as soon as it is made, so nothing is lost when the tab dies. A frame that comes while two are still being
 * made is dropped, never queued. Photos are what the camera saw: a mirrored preview is the page's own affair.
 */
import { frames } from '$lib/camera/camera';
import type { Photo, Project } from '$lib/domain/project';
import { asTrouble, type Trouble } from '$lib/domain/trouble';
import { keepPhotos, newPhoto, nextAdded } from './keep-photos';
import type { PhotoMaker } from './photo-maker';

export interface CaptureOptions {
	/** Plays the camera. */
	video: HTMLVideoElement;
	projectId: Project['id'];
	labelId: string;
	/** Photos a second, at most; 1 to 10. */
	rate?: number;
	/** Photos in the burst; 1 for a single shot. */
	most?: number;
	maker: Pick<PhotoMaker, 'make' | 'free' | 'favourFrames'>;
	/** Ends the burst: the button was let go of. What was taken until then is kept; a tap takes one photo. */
	signal: AbortSignal;
	/** A photo was kept. */
	onPhoto(photo: Photo): void;
	/** Milliseconds since 1970. */
	now(): number;
	newId(): string;
}

export interface Captured {
	burstId: string;
	/** Ids of what was kept, in the order it was taken: for taking the burst back. */
	photos: string[];
	/** Frames that came while the last ones were still being made. */
	dropped: number;
}

/** Milliseconds in which a tap that was shorter than the camera's frames still gets its one. */
const TAP_MS = 500;
const CAPTURE = { rate: 5, slowest: 1, fastest: 10, most: 30, longest: 300 };

/**
 * One burst: a hold of the button, or with `most` of 1 a single shot.
 *
 * @throws Trouble of the camera ('camera-failed'), of the photo maker or of the storage, once what was taken
 *   before is kept; `onPhoto` has told of it
 */
export async function capture(options: CaptureOptions): Promise<Captured> {
	return new Burst(options).take();
}

/**
 * Hands free: counts down, then takes a burst.
 *
 * @param onTick seconds that are left, down to 0 when it begins
 * @returns null where it was given up while it counted
 * @throws Trouble as `capture`
 */
export async function captureAfter(
	seconds: number,
	onTick: (left: number) => void,
	options: CaptureOptions
): Promise<Captured | null> {
	for (let left = seconds; left > 0; left--) {
		onTick(left);
		await aSecond(options.signal);
		if (options.signal.aborted) return null;
	}
	onTick(0);
	return capture(options);
}

class Burst {
	readonly #options: CaptureOptions;
	readonly #id: string;
	#most: number;
	/** Ends it from within: it is complete, or something failed. */
	readonly #over = new AbortController();
	readonly #begun: Promise<void>[] = [];
	readonly #kept = new Map<string, number>();
	#dropped = 0;
	#trouble: Trouble | null = null;

	constructor(options: CaptureOptions) {
		this.#options = options;
		this.#id = options.newId();
		this.#most = Math.min(CAPTURE.longest, Math.max(1, Math.round(options.most ?? CAPTURE.most)));
	}

	async take(): Promise<Captured> {
		const { video, rate = CAPTURE.rate, signal, maker } = this.#options;
		const maxFps = Math.min(CAPTURE.fastest, Math.max(CAPTURE.slowest, rate));
		if (signal.aborted) this.#over.abort();
		signal.addEventListener('abort', this.#release, { signal: this.#over.signal });
		const unfavour = maker.favourFrames();
		try {
			for await (const frame of frames(video, { signal: this.#over.signal, maxFps })) this.#frame(frame);
		} catch (cause) {
			this.#fail(cause);
		} finally {
			unfavour();
		}
		await Promise.all(this.#begun);
		if (this.#trouble) throw this.#trouble;
		const photos = [...this.#kept].sort(([, a], [, b]) => a - b).map(([id]) => id);
		return { burstId: this.#id, photos, dropped: this.#dropped };
	}

	readonly #release = (): void => {
		this.#most = 1;
		if (this.#begun.length > 0) this.#over.abort();
		else setTimeout(() => this.#over.abort(), TAP_MS);
	};

	#frame(frame: VideoFrame | ImageBitmap): void {
		if (!this.#options.maker.free) {
			this.#dropped++;
			frame.close();
			return;
		}
		this.#begun.push(this.#keep(frame).catch((cause: unknown) => this.#fail(cause)));
		if (this.#begun.length >= this.#most) this.#over.abort();
	}

	/** Goes on after the button is let go of: what was taken is kept. */
	async #keep(frame: VideoFrame | ImageBitmap): Promise<void> {
		const { projectId, labelId, maker, now, newId, onPhoto } = this.#options;
		const added = nextAdded(now());
		const made = await maker.make(frame, '');
		const photo = newPhoto(made, {
			...{ id: newId(), projectId, labelId, burstId: this.#id, added },
			...{ source: 'camera', name: '', split: null }
		});
		await keepPhotos([photo]);
		this.#kept.set(photo.photo.id, added);
		onPhoto(photo.photo);
	}

	/** The first trouble ends the burst and is told; those behind it are the same. */
	#fail(cause: unknown): void {
		this.#trouble ??= asTrouble(
			cause,
			'capture-failed',
			'Taking photos stopped: something went wrong in the app. The photos taken before are safe. Try again.'
		);
		this.#over.abort();
	}
}

/** Or less, where it is given up. */
function aSecond(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) return resolve();
		const done = () => {
			clearTimeout(timer);
			signal.removeEventListener('abort', done);
			resolve();
		};
		const timer = setTimeout(done, 1000);
		signal.addEventListener('abort', done);
	});
}
