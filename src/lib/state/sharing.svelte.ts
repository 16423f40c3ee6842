/** A model on its way into a file, in each form that it can have: made and measured one after the other. */
import { base } from '$app/paths';
import type { Estimate, Evaluation } from '$lib/domain/evaluation';
import type { Measured, Precision } from '$lib/domain/model-facts';
import { asTrouble } from '$lib/domain/trouble';
import { canShareFile, saveFile, shareFile, wordsOf } from '$lib/files/save';
import { createShareWorker, makeEngine, openFile } from '$lib/services/engine-parts';
import { makeFile } from '$lib/services/share-model';
import type { Subject } from '$lib/services/share-subject';
import type { Trainer } from '$lib/services/trainer';
import { noteError } from '$lib/storage/errors';
import { fileFor } from './share-files';

export type Form = Precision | 'teachable';
const FORMS: readonly Form[] = ['fp32', 'fp16', 'int8', 'teachable'];

/** Where a form stands. */
export type Making =
	| { kind: 'waiting' }
	| { kind: 'making'; done: number; of: number }
	| { kind: 'made'; blob: Blob; sha256: string; measured: Measured }
	/** Of a head that was learned for it. */
	| { kind: 'relearned'; blob: Blob; accuracy: Estimate | null; here: Estimate | null }
	/** Cannot be, or went wrong. */
	| { kind: 'refused'; words: string };

interface Parts {
	subject(signal: AbortSignal): Promise<Subject>;
	readonly trainer: Trainer;
}

const SEED = 0;
/** What a form cannot be, which is no fault of the app. */
const expected = new Set(['onnx-precision', 'share-untried']);

export class Sharing {
	readonly #parts: Parts;
	#forms: ReadonlyMap<Form, Making> = $state.raw(new Map());
	#subject: Subject | null = null;
	/** The subject's. */
	#name: string | null = $state(null);
	#trouble: string | null = $state(null);
	#said: string | null = $state(null);
	#saving = $state(false);
	#end = new AbortController();
	#running: Promise<void> = Promise.resolve();

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	making(form: Form): Making {
		return this.#forms.get(form) ?? { kind: 'waiting' };
	}

	/** What its file is called when it is saved; null until it is known. */
	fileName(form: Form): string | null {
		return this.#name === null ? null : fileFor(form, this.#name, new Blob()).name;
	}

	/** Why nothing can be made, or the last file was not written, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	/** What became of the last file, in words. */
	get said(): string | null {
		return this.#said;
	}

	/** A file is being written. */
	get saving(): boolean {
		return this.#saving;
	}

	/** Whether this device hands such files to other apps. */
	canShare(form: Form): boolean {
		return canShareFile(fileFor(form, 'x', new Blob()));
	}

	/** Makes every form, one after the other. Never fails: `making` and `trouble` tell. */
	async open(): Promise<void> {
		this.close();
		const { signal } = (this.#end = new AbortController());
		const before = this.#running;
		this.#running = before.then(() => this.#makeAll(signal));
		await this.#running;
	}

	/** What was made is forgotten, and what is being made is ended. */
	close(): void {
		this.#end.abort();
		this.#forms = new Map();
		this.#subject = null;
		this.#name = this.#trouble = this.#said = null;
	}

	/** Resolves when nothing is made any more. */
	async stop(): Promise<void> {
		this.close();
		await this.#running;
	}

	async #makeAll(signal: AbortSignal): Promise<void> {
		try {
			const subject = await this.#parts.subject(signal);
			signal.throwIfAborted();
			this.#subject = subject;
			this.#name = subject.name;
			for (const form of FORMS) await this.#make(form, subject, signal);
		} catch (cause) {
			if (signal.aborted) return;
			this.#trouble = asTrouble(cause, 'share-failed', 'The model could not be read. Try again.').message;
			void noteError('sharing', cause);
		}
	}

	/** Call it from the press. Never fails: `said` or `trouble` tells how it went. */
	async save(form: Form, way: 'save' | 'share'): Promise<void> {
		const making = this.making(form);
		if (!('blob' in making) || !this.#subject || this.#saving) return;
		const { signal } = this.#end;
		this.#saving = true;
		this.#trouble = this.#said = null;
		const file = fileFor(form, this.#subject.name, making.blob);
		try {
			const how = way === 'save' ? await saveFile(file) : await shareFile(file, () => Promise.resolve());
			if (!signal.aborted) this.#said = wordsOf(how, file.name);
		} catch (cause) {
			const words = `“${file.name}” could not be written. Try again.`;
			if (!signal.aborted) this.#trouble = asTrouble(cause, 'not-written', words).message;
			void noteError('sharing', cause);
		} finally {
			this.#saving = false;
		}
	}

	async #make(form: Form, subject: Subject, signal: AbortSignal): Promise<void> {
		this.#set(form, { kind: 'making', done: 0, of: 0 }, signal);
		try {
			const made =
				form === 'teachable'
					? await this.#teachable(subject, signal)
					: await this.#onnx(form, subject, signal);
			this.#set(form, made, signal);
		} catch (cause) {
			if (signal.aborted) throw cause;
			const trouble = asTrouble(cause, 'share-failed', 'This file could not be made. Try again.');
			this.#set(form, { kind: 'refused', words: trouble.message }, signal);
			if (!expected.has(trouble.code)) void noteError('sharing', trouble);
		}
	}

	async #onnx(precision: Precision, subject: Subject, signal: AbortSignal): Promise<Making> {
		const parts = {
			createWorker: createShareWorker,
			openBackbone: async (file: Subject['card']['file']) => (await openFile(file, { base, signal })).bytes,
			engineWith: (files: ReadonlyMap<string, ArrayBuffer>) => makeEngine(base, files),
			trainer: this.#parts.trainer
		};
		const onProgress = (done: number, of: number) =>
			this.#set(precision, { kind: 'making', done, of }, signal);
		const { bytes, sha256, measured } = await makeFile(parts, subject, precision, { signal, onProgress });
		return { kind: 'made', blob: new Blob([bytes]), sha256, measured };
	}

	/** Its head is learned for it: that format cannot divide features by their length. */
	async #teachable(subject: Subject, signal: AbortSignal): Promise<Making> {
		const { teachableObjection, writeTeachable } = await import('$lib/files/teachable/write-model');
		const objection = teachableObjection(subject.model);
		if (objection) return { kind: 'refused', words: objection };
		const { dataset, name, card } = subject;
		// Of a model that was judged on other photos, nothing stands beside it.
		const run = subject.stale ? null : subject.run;
		if (!dataset) return { kind: 'refused', words: 'Learning for it needs photos of at least two labels.' };
		const labels = dataset.labels.map((label) => label.name);
		const set = { ...dataset.set, foreign: undefined };
		const config = { kind: 'head', seed: SEED, normalise: false } as const;
		const { head, outOfFold } = await this.#parts.trainer.learn(set, config, { signal });
		const evaluation = await this.#parts.trainer.judge(
			{
				...{ head, outOfFold, gate: null, test: dataset.test },
				...{ photoIds: dataset.photoIds, targets: set.targets, groups: set.groups },
				labels: dataset.labels.map(({ id }) => id)
			},
			{ signal }
		);
		const { bytes } = await openFile(card.file, { base, signal });
		const backbone = new Uint8Array(bytes);
		const blob = await writeTeachable({ backbone, head, labels, name, now: Date.now() });
		const telling = (judged: Evaluation | null | undefined) => (judged?.telling ? judged.accuracy : null);
		return { kind: 'relearned', blob, accuracy: telling(evaluation), here: telling(run?.evaluation) };
	}

	#set(form: Form, making: Making, signal: AbortSignal): void {
		if (!signal.aborted) this.#forms = new Map(this.#forms).set(form, making);
	}
}
