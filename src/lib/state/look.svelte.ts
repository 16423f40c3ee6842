/** What the Look screen shows: the live camera or a still picture, and what the network says of it. */
import { frames, unreadable } from '$lib/camera/camera';
import type { ActivationMap } from '$lib/domain/activation';
import type { Answer } from '$lib/domain/prediction';
import { asTrouble } from '$lib/domain/trouble';
import type { Crop } from '$lib/domain/crop';
import { byBackbone, type Answerer } from '$lib/services/answerers';
import { Look, type Timings } from '$lib/services/look';
import { noteError } from '$lib/storage/errors';
import type { EngineState } from './engine.svelte';
import { Incoming } from './incoming.svelte';
import type { SettingsState } from './settings.svelte';
import { PATIENCE_MS, type Viewfinder } from './viewfinder.svelte';

export interface Still {
	picture: ImageBitmap;
	name: string;
	/** Shown as the mirror that it was taken from. */
	mirrored: boolean;
}

interface Parts {
	engine: EngineState;
	settings: SettingsState;
	viewfinder: Viewfinder;
	/** The backbone's own classes where left out. */
	answerer?: Answerer;
	/** Whether there can be answers now; where left out, whether the engine is ready. */
	ready?: () => boolean;
	/** What the settings say where left out. */
	crop?: () => Crop;
}

export class LookState {
	readonly incoming: Incoming;
	#engine: EngineState;
	#viewfinder: Viewfinder;
	#look: Look;
	#settings: SettingsState;
	#ready: () => boolean;
	#crop: () => Crop;
	#still: Still | null = $state.raw(null);
	#answer: Answer | null = $state.raw(null);
	#timings: Timings | null = $state.raw(null);
	#heat: { map: ActivationMap; index: number } | null = $state.raw(null);
	#trouble: string | null = $state(null);
	#note: string | null = $state(null);
	#framed = $state(false);
	#late = $state(false);
	#lateCheck: ReturnType<typeof setTimeout> | undefined;
	#video: HTMLVideoElement | null = null;
	#watching: AbortController | null = null;
	#wasLive = false;
	/** Raised when the screen is left: what was to follow its opening does not happen any more. */
	#visit = 0;
	/** Raised when what is on show, or what its answer depends on, changes: answers to what was before are dropped. */
	#generation = 0;
	/** Words that were noted since the camera or the picture came on show: a fault of every frame is one row. */
	#noted = '';

	constructor({ engine, settings, viewfinder, answerer, ready, crop }: Parts) {
		this.#engine = engine;
		this.#settings = settings;
		this.#viewfinder = viewfinder;
		this.#look = new Look(answerer ?? byBackbone(engine.service, () => engine.card));
		this.#ready = ready ?? (() => engine.ready);
		this.#crop = crop ?? (() => engine.card.taught?.crop ?? settings.value.crop);
		this.incoming = new Incoming((picture, name) => {
			// Nobody sees what the camera sees now, so it must not see on.
			viewfinder.stop();
			return this.#show({ picture, name, mirrored: false });
		});
		let was = false;
		engine.service.subscribe(({ phase }) => {
			if (phase === 'ready' && !was) this.again();
			was = phase === 'ready';
		});
	}

	get still(): Still | null {
		return this.#still;
	}

	get mode(): 'live' | 'still' | 'off' {
		if (this.#still) return 'still';
		// While one camera takes another's place, the screen stays as it is.
		return ['live', 'changing'].includes(this.#viewfinder.phase) ? 'live' : 'off';
	}

	/** The camera has shown a first picture, so there is one to freeze. */
	get canFreeze(): boolean {
		return this.mode === 'live' && this.#framed && this.#viewfinder.phase === 'live';
	}

	get answer(): Answer | null {
		return this.#answer;
	}

	/** Of the frames or the picture that `answer` speaks of. */
	get timings(): Timings | null {
		return this.#timings;
	}

	/** Where the picture speaks for the answer of `index`. */
	get heat() {
		return this.#heat;
	}

	/** Why what is on show is not answered, in words. */
	get trouble(): string | null {
		if (this.#trouble) return this.#trouble;
		const silent = this.mode === 'live' && (this.#late || this.#viewfinder.muted);
		return silent ? 'The camera sends no picture right now: it is covered, or another app holds it.' : null;
	}

	/** What was asked for and could not be done, in words; the answer stands beside it. */
	get note(): string | null {
		return this.#note;
	}

	/** Answers what `video` shows, at most `maxFps` times a second. @returns how to stop */
	watch(video: HTMLVideoElement, maxFps: number): () => void {
		this.#watching?.abort();
		const { signal } = (this.#watching = new AbortController());
		let running = false;
		const run = async () => {
			if (running) return;
			running = true;
			await this.#run(video, maxFps, signal);
			running = false;
		};
		this.#noted = '';
		this.#follow(video, signal, () => {
			this.#clear();
			// Frames that could not be had before may come now.
			void run();
		});
		this.#clear();
		void run();
		const watching = this.#watching;
		return () => watching.abort();
	}

	/** Stops at the frame that is on show. @returns whether that frame is still on show once it is answered */
	async freeze(): Promise<boolean> {
		if (!this.#video || !this.canFreeze) return false;
		const stale = this.incoming.supersede();
		try {
			const picture = await createImageBitmap(this.#video);
			if (stale() || this.mode !== 'live') {
				picture.close();
				return false;
			}
			const { mirrored } = this.#viewfinder;
			const shown = this.#show({ picture, name: 'the frozen picture', mirrored }, this.#answer);
			const generation = this.#generation;
			await shown;
			return generation === this.#generation;
		} catch (cause) {
			if (!stale()) this.#note = 'The picture could not be frozen. Try again.';
			void noteError('look', cause);
			return false;
		}
	}

	/** Back to the camera, or on to it. */
	async live(): Promise<void> {
		this.putAway();
		if (this.#viewfinder.phase === 'off') await this.#viewfinder.start();
	}

	/** Shows where the picture speaks for an answer; the same again hides it. Freezes first where it must. */
	async explain(index: number): Promise<void> {
		this.#note = null;
		if (this.#heat?.index === index) {
			this.#heat = null;
			return;
		}
		if (this.mode === 'live' && !(await this.freeze())) return;
		const generation = this.#generation;
		if (!this.#still || !this.#engine.ready) return;
		try {
			const copy = await createImageBitmap(this.#still.picture);
			if (generation !== this.#generation) return copy.close();
			const map = await this.#engine.service.explain(copy, this.#crop(), index);
			if (generation === this.#generation) this.#heat = { map, index };
		} catch (cause) {
			const trouble = asTrouble(cause, 'explain-failed', 'This network does not tell where it looked.');
			if (generation !== this.#generation || trouble.code === 'engine-restarting') return;
			this.#note = trouble.message;
			void noteError('look', trouble);
		}
	}

	/** Something the answers depend on changed. */
	again(): void {
		this.#clear();
		if (this.#still) void this.#answerStill();
	}

	/** The network sees the whole picture, squeezed into a square. */
	get whole(): boolean {
		return this.#crop() === 'whole';
	}

	async setCrop(crop: 'centre' | 'whole'): Promise<void> {
		const saved = this.#settings.change({ crop });
		// It holds already; the answer need not wait for the disk.
		this.again();
		await saved;
	}

	/** Takes another camera; under a photo it is only remembered for later. */
	async chooseCamera(deviceId: string): Promise<void> {
		if (this.#still && this.#viewfinder.phase === 'off') await this.#settings.change({ cameraId: deviceId });
		else await this.#viewfinder.choose(deviceId);
	}

	/** The screen is left: the camera goes off and is remembered. */
	leave(): void {
		this.#visit++;
		this.#wasLive = this.#viewfinder.phase !== 'off' && !this.#still;
		this.#watching?.abort();
		this.#viewfinder.stop();
	}

	/** The picture that is on show is wanted no more; the camera stays as it is. */
	putAway(): void {
		this.incoming.supersede();
		this.#dropStill();
		this.#clear();
	}

	/** The screen is entered: the camera comes on where it was on, or where nobody has to be asked. */
	async enter(): Promise<void> {
		const visit = this.#visit;
		const wanted = this.#wasLive || (await this.#viewfinder.allowed());
		if (!wanted || visit !== this.#visit) return;
		if (!this.#still && this.#viewfinder.phase === 'off') await this.#viewfinder.start();
	}

	/** Never fails: what ends the frames is said. */
	async #run(video: HTMLVideoElement, maxFps: number, signal: AbortSignal): Promise<void> {
		try {
			await this.#look.watch({
				frames: (signal) => frames(video, { signal, maxFps }),
				crop: this.#crop,
				onSeen: ({ answer, timings }) => {
					this.#answer = answer;
					this.#timings = timings;
					this.#trouble = null;
				},
				onTrouble: (trouble) => this.#say(trouble.message, trouble),
				signal
			});
		} catch (cause) {
			const { code, message } = unreadable();
			const trouble = asTrouble(cause, code, message);
			if (!signal.aborted) this.#say(trouble.message, trouble);
		}
	}

	/** A turned phone or another stream shows something new: the average over what was before is no answer to it. */
	#follow(video: HTMLVideoElement, signal: AbortSignal, changed: () => void): void {
		this.#video = video;
		this.#await(video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA);
		video.addEventListener('resize', changed, { signal });
		video.addEventListener('loadedmetadata', changed, { signal });
		video.addEventListener('loadeddata', () => this.#await(true), { signal });
		video.addEventListener('emptied', () => this.#await(false), { signal });
		signal.addEventListener('abort', () => {
			if (this.#video !== video) return;
			this.#await(true);
			this.#framed = false;
		});
	}

	/** @param framed the first picture is there; until then there is nothing to freeze, and after a while it is late */
	#await(framed: boolean): void {
		this.#framed = framed;
		this.#late = false;
		clearTimeout(this.#lateCheck);
		if (!framed) this.#lateCheck = setTimeout(() => (this.#late = true), PATIENCE_MS);
	}

	/** @param answer stands until the picture's own is there */
	async #show(still: Still, answer: Answer | null = null): Promise<void> {
		this.#watching?.abort();
		this.#dropStill();
		this.#clear();
		this.#noted = '';
		this.#answer = answer;
		this.#still = still;
		await this.#answerStill();
	}

	async #answerStill(): Promise<void> {
		const generation = this.#generation;
		// Answered later, when the engine is ready.
		if (!this.#still || !this.#ready()) return;
		try {
			const copy = await createImageBitmap(this.#still.picture);
			if (generation !== this.#generation) return copy.close();
			const { answer, timings } = await this.#look.still(copy, this.#crop());
			if (generation !== this.#generation) return;
			this.#answer = answer;
			this.#timings = timings;
		} catch (cause) {
			const trouble = asTrouble(cause, 'picture-unanswered', 'The network could not be run on this picture.');
			if (generation !== this.#generation || trouble.code === 'engine-restarting') return;
			this.#answer = null;
			this.#say(trouble.message, trouble);
		}
	}

	#clear(): void {
		this.#generation++;
		this.#look.reset();
		this.#answer = null;
		this.#timings = null;
		this.#heat = null;
		this.#trouble = null;
		this.#note = null;
	}

	#dropStill(): void {
		this.#still?.picture.close();
		this.#still = null;
	}

	#say(words: string, cause: unknown): void {
		this.#trouble = words;
		if (words !== this.#noted) void noteError('look', cause);
		this.#noted = words;
	}
}
