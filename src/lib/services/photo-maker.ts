/**
 * The page's side of the photo worker: at most two pictures are with it at a time, the others wait, and frames go
 * before files. The worker is
 * there from the first picture on; one that dies takes only what it was working on with it.
 */
import { asTrouble, Trouble } from '$lib/domain/trouble';
import type { MadePhoto } from '$lib/files/photo';
import { Client } from '$lib/rpc/channel';
import type { PhotoApi } from '$workers/photo.worker';

export type { MadePhoto };
export type PictureSource = Blob | ImageBitmap | VideoFrame;

/** One is decoded while the other is read or written. */
const MOST = 2;
/** Milliseconds without an answer after which the worker counts as dead. */
const PATIENCE = 60_000;

interface Running {
	worker: Worker;
	client: Client<PhotoApi>;
}

export class PhotoMaker {
	readonly #createWorker: () => Worker;
	readonly #patience: number;
	#running: Running | null = null;
	#busy = 0;
	/** Who takes photos with the camera now. */
	#favoured = 0;
	#frames: (() => void)[] = [];
	#files: (() => void)[] = [];

	/** @param patience milliseconds without an answer after which the worker counts as dead */
	constructor(createWorker: () => Worker, patience = PATIENCE) {
		this.#createWorker = createWorker;
		this.#patience = patience;
	}

	/** Whether the next frame would be taken up at once. */
	get free(): boolean {
		return this.#busy < MOST;
	}

	/** Files leave a place free from now on: frames come, and cannot wait. @returns how to end it */
	favourFrames(): () => void {
		this.#favoured++;
		return () => {
			this.#favoured--;
			this.#admit();
		};
	}

	/**
	 * Makes a photo; waits while two others are being made.
	 *
	 * @param source a picture file, or a frame, which is transferred and closed
	 * @param name for the words of an error
	 * @param signal ends the waiting; what has begun is finished
	 * @throws Trouble as `makePhoto` of `files/photo`; 'photo-maker-died' where the worker ended or hung;
	 *   the signal's reason
	 */
	async make(source: PictureSource, name: string, signal?: AbortSignal): Promise<MadePhoto> {
		try {
			await this.#enter(source instanceof Blob, signal);
		} catch (cause) {
			if (!(source instanceof Blob)) source.close();
			throw cause;
		}
		try {
			return await this.#ask(source, name);
		} finally {
			this.#busy--;
			this.#admit();
		}
	}

	/** Ends the worker; what it was working on is rejected. The next picture starts another. */
	stop(): void {
		if (this.#running) this.#drop(this.#running, died('it was stopped'));
	}

	#enter(isFile: boolean, signal?: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			signal?.throwIfAborted();
			const enter = () => {
				signal?.removeEventListener('abort', leave);
				resolve();
			};
			const leave = () => {
				this.#frames = this.#frames.filter((one) => one !== enter);
				this.#files = this.#files.filter((one) => one !== enter);
				reject(signal?.reason as Error);
			};
			signal?.addEventListener('abort', leave, { once: true });
			(isFile ? this.#files : this.#frames).push(enter);
			this.#admit();
		});
	}

	/** Who waits longest takes the place that is free; files only where none is to be left for frames. */
	#admit(): void {
		while (this.free) {
			const forFiles = this.#favoured === 0 || this.#busy < MOST - 1;
			const next = this.#frames.shift() ?? (forFiles ? this.#files.shift() : undefined);
			if (!next) return;
			this.#busy++;
			next();
		}
	}

	async #ask(source: PictureSource, name: string): Promise<MadePhoto> {
		const running = (this.#running ??= this.#start());
		const timer = setTimeout(() => this.#drop(running, died('no answer')), this.#patience);
		const transfer = source instanceof Blob ? [] : [source];
		try {
			return await running.client.call('make', { source, name }, { transfer });
		} catch (cause) {
			throw asTrouble(cause, 'photo-failed', `“${name}” could not be made ready to keep.`);
		} finally {
			clearTimeout(timer);
		}
	}

	#start(): Running {
		const worker = this.#createWorker();
		const running = { worker, client: new Client<PhotoApi>(worker) };
		const failed = (event: Event) => {
			const message = event instanceof ErrorEvent && event.message ? event.message : 'no reason given';
			this.#drop(running, died(message));
		};
		worker.addEventListener('error', failed);
		worker.addEventListener('messageerror', failed);
		return running;
	}

	#drop(running: Running, reason: Trouble): void {
		if (this.#running === running) this.#running = null;
		running.worker.terminate();
		running.client.fail(reason);
	}
}

/** The photo maker of a real page. */
export function makePhotoMaker(): PhotoMaker {
	return new PhotoMaker(
		() => new Worker(new URL('../../../workers/photo.worker.ts', import.meta.url), { type: 'module' })
	);
}

function died(why: string): Trouble {
	return new Trouble(
		'photo-maker-died',
		'The browser stopped while it made a photo ready to keep; it may be short of memory. Close other tabs and try this one again. What was kept before is safe.',
		{ cause: why }
	);
}
