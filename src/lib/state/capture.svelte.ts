/** Recording photos of a label: a tap takes one, a hold takes a burst, a timer takes one hands-free. */
import { isolated } from '$lib/domain/names';
import { asTrouble } from '$lib/domain/trouble';
import { capture, captureAfter, type CaptureOptions } from '$lib/services/capture';
import { newId } from '$lib/services/new-id';
import type { PhotoMaker } from '$lib/services/photo-maker';
import { noteError } from '$lib/storage/errors';
import type { ProjectState } from './project.svelte';
import type { Room } from './room.svelte';
import type { SettingsState } from './settings.svelte';

/** Milliseconds after which a press is a hold. */
const HOLD_MS = 250;
/** Milliseconds that a single photo waits for the camera's next picture. */
const LATE_MS = 3_000;

/** Why a recording ended whose screen was left: no more photos are taken. */
const gone = 'gone';

interface Recording {
	projectId: string;
	labelId: string;
	name: string;
	/** Photos that this one takes at most. */
	most: number;
	/** Seconds until it begins by itself and runs until it is full; 0: it is held. */
	timer: number;
	/** Ends it; what was taken stays. */
	end: AbortController;
}

export class CaptureState {
	#settings: SettingsState;
	#project: ProjectState;
	#room: Room;
	#maker: PhotoMaker;
	#video: HTMLVideoElement | null = null;
	#recording: Recording | null = $state.raw(null);
	#taken = $state(0);
	#countdown: number | null = $state(null);
	#trouble: string | null = $state(null);
	#running: Promise<void> = Promise.resolve();

	constructor(settings: SettingsState, project: ProjectState, room: Room, maker: PhotoMaker) {
		this.#settings = settings;
		this.#project = project;
		this.#room = room;
		this.#maker = maker;
	}

	/** The label that is recorded; null while none is. */
	get labelId(): string | null {
		return this.#recording?.labelId ?? null;
	}

	/** Part of the burst that is taken, 0..1. */
	get filled(): number {
		return this.#recording ? this.#taken / this.#recording.most : 0;
	}

	/** Seconds until a hands-free burst begins. */
	get countdown(): number | null {
		return this.#countdown;
	}

	/** "Daisy: 4 of 20" */
	get words(): string | null {
		if (!this.#recording || this.#countdown !== null) return null;
		return `${isolated(this.#recording.name)}: ${this.#taken} of ${this.#recording.most}`;
	}

	/** Why photos could not be taken or kept, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	dismiss(): void {
		this.#trouble = null;
	}

	/** Takes photos of what `video` shows. @returns how to stop */
	watch(video: HTMLVideoElement): () => void {
		this.#video = video;
		return () => {
			if (this.#video !== video) return;
			this.#video = null;
			void this.stop();
		};
	}

	/** A record button goes down. Hands-free, the same again ends it. */
	press(labelId: string): void {
		const video = this.#video;
		if (this.#recording) {
			if (this.#recording.timer > 0) this.#recording.end.abort();
			return;
		}
		const label = this.#project.labels.find(({ id }) => id === labelId);
		const projectId = this.#project.current?.id;
		if (!label || !video || !projectId) return;
		const { captureBurst: most, captureTimer: timer } = this.#settings.value;
		const { name } = label;
		this.#recording = { projectId, labelId, name, most, timer, end: new AbortController() };
		this.#taken = 0;
		this.#trouble = null;
		this.#running = this.#run(this.#recording, video);
	}

	/** The button goes up. */
	release(): void {
		if (this.#recording?.timer === 0) this.#recording.end.abort();
	}

	/** Ends what is recorded; resolves when all of it is kept. */
	async stop(): Promise<void> {
		this.#recording?.end.abort(gone);
		await this.#running;
	}

	/** Never fails: `trouble` says what went wrong. */
	async #run(recording: Recording, video: HTMLVideoElement): Promise<void> {
		const kept: string[] = [];
		try {
			const dropped = await this.#take(recording, video, kept);
			if (kept.length < recording.most && dropped > kept.length)
				this.#trouble = tooBusy(kept.length, dropped);
		} catch (cause) {
			const trouble = asTrouble(cause, 'capture-failed', 'The photo could not be taken. Try again.');
			void noteError('capture', trouble);
			this.#trouble = trouble.message;
		}
		this.#countdown = null;
		this.#recording = null;
		await this.#project.allArrived(recording.projectId, kept);
		await this.#room.refresh();
	}

	/**
	 * @param kept gets the ids of what is kept, also where it fails in the end
	 * @returns how many pictures came while the last ones were still being made
	 */
	async #take(recording: Recording, video: HTMLVideoElement, kept: string[]): Promise<number> {
		const { projectId, labelId, most, timer, end } = recording;
		const options: CaptureOptions = {
			...{ video, projectId, labelId, most, maker: this.#maker, signal: end.signal },
			rate: this.#settings.value.captureRate,
			onPhoto: (photo) => {
				kept.push(photo.id);
				this.#taken = kept.length;
				this.#project.arrived(photo);
			},
			now: () => Date.now(),
			newId
		};
		const tick = (left: number) => (this.#countdown = left > 0 ? left : null);
		if (timer > 0) return (await captureAfter(timer, tick, options))?.dropped ?? 0;
		const held = (await heldFor(HOLD_MS, end.signal)) && (await capture(options));
		const dropped = held ? held.dropped : 0;
		// A tap, or a hold that ended before the camera's next picture: it is let go of, and takes the next one.
		if (kept.length > 0 || end.signal.reason === gone) return dropped;
		const late = await capture({ ...options, most: 1, signal: AbortSignal.timeout(LATE_MS) });
		return late.photos.length > 0 ? 0 : dropped + late.dropped;
	}
}

const tooBusy = (kept: number, dropped: number) =>
	`Only ${kept} of ${kept + dropped} pictures became photos: this device was still busy with the ones before. Wait until what is being added is in, or choose fewer photos a second, and record again.`;

/** @returns whether `signal` did not end it before */
function heldFor(ms: number, signal: AbortSignal): Promise<boolean> {
	return new Promise((resolve) => {
		const timer = setTimeout(() => resolve(true), ms);
		signal.addEventListener('abort', () => {
			clearTimeout(timer);
			resolve(false);
		});
	});
}
