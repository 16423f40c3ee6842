/** Models that came as files: which are here, and what can be done with them. */
import { base } from '$app/paths';
import type { BackboneCard } from '$lib/domain/card';
import { freeName } from '$lib/domain/names';
import type { ReceivedModel } from '$lib/domain/received';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { fileName } from '$lib/files/file-names';
import { ENDING } from '$lib/files/model-layout';
import { canShareFile, saveFile, shareFile, wordsOf, type FileToSave } from '$lib/files/save';
import { readCards } from '$lib/services/cards';
import { openFile } from '$lib/services/engine-parts';
import { onProjectChanged, tellProjectChanged } from '$lib/services/project-news';
import { noteError } from '$lib/storage/errors';
import { changeReceived, deleteReceived } from '$lib/storage/received';
import { backboneById } from '$models/catalog';

/** What tabs call this when they tell each other of a change. */
const NEWS = 'received';

/** What was kept anew. */
export interface Kept {
	id: string;
	/** Id of the one that gave way to it. */
	replaced: string | undefined;
}

export class ReceivedModels {
	#all: readonly ReceivedModel[] = $state.raw([]);
	#reading: Promise<void> | null = null;
	#newest = 0;
	readonly #onChange: (kept?: Kept) => void;
	/** The read that is shown. */
	#shown = 0;
	#trouble: string | null = $state(null);
	/** What became of the last file that was saved, in words. */
	#said: string | null = $state(null);
	/** The one that was thrown away last, until the message is closed. */
	#last: { model: ReceivedModel; step: number } | null = $state.raw(null);
	#steps = 0;
	#changes: Promise<unknown> = Promise.resolve();

	/** @param onChange is called when models came, went or changed, in this tab or another */
	constructor(onChange: (kept?: Kept) => void = () => undefined) {
		this.#onChange = onChange;
	}

	/** The one that came last first. */
	get here(): readonly ReceivedModel[] {
		return this.#all.filter(({ trashed }) => trashed === null);
	}

	/** Those that can be taken back; the one thrown away last first. */
	get thrown(): readonly ReceivedModel[] {
		return this.#all
			.filter(({ trashed }) => trashed !== null)
			.sort((a, b) => (b.trashed ?? 0) - (a.trashed ?? 0));
	}

	/** What could not be done, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	get said(): string | null {
		return this.#said;
	}

	get last() {
		return this.#last;
	}

	/** The trouble has been read. */
	dismiss(): void {
		this.#trouble = null;
	}

	/** What was said has been read. */
	hush(): void {
		this.#last = this.#said = null;
	}

	/** Of the catalogue, or of one that is here. */
	card(id: string | null): BackboneCard | undefined {
		return backboneById(id ?? '') ?? this.here.find((model) => model.id === id)?.card;
	}

	/** Reads them, until that has worked once. Never fails: `trouble` tells. */
	load(): Promise<void> {
		this.#reading ??= this.refresh();
		return this.#reading;
	}

	/** Never fails: `trouble` tells. */
	async refresh(): Promise<void> {
		const newest = ++this.#newest;
		try {
			const all = await readCards();
			if (newest < this.#shown) return;
			this.#shown = newest;
			this.#all = all;
		} catch (cause) {
			this.#reading = null;
			this.#fail(cause, 'The models that came as files could not be read. Reload the page and try again.');
		}
	}

	/** Keeps up with other tabs. @returns how to stop */
	follow(): () => void {
		return onProjectChanged((id) => {
			if (id === NEWS) void this.refresh().then(() => this.#onChange());
		});
	}

	/** Something was kept or changed: reads them, and tells the other tabs. @param kept id of what was kept anew */
	async changed(kept?: string): Promise<void> {
		await this.refresh();
		tellProjectChanged(NEWS);
		const model = this.#all.find(({ id }) => id === kept);
		// It goes at the moment at which the other comes.
		const replaced = model && this.#all.find(({ trashed }) => trashed === model.added);
		this.#onChange(model && { id: model.id, replaced: replaced?.id });
	}

	rename({ id }: ReceivedModel, name: string): Promise<boolean> {
		return this.#change(() => changeHere(id, { name }));
	}

	async throwAway(model: ReceivedModel): Promise<void> {
		if (!(await this.#change(() => changeHere(model.id, { trashed: Date.now() })))) return;
		this.#last = { model, step: ++this.#steps };
	}

	/** Under another name where its own was given away meanwhile. */
	async takeBack({ id, card }: ReceivedModel): Promise<void> {
		this.#last = null;
		const taken = this.here.map((other) => other.card.name);
		await this.#change(() => changeHere(id, { trashed: null, name: freeName(card.name, taken) }));
	}

	/** For good. */
	async delete({ id }: ReceivedModel): Promise<void> {
		this.#last = null;
		await this.#change(() => deleteReceived(id));
	}

	/** Whether this device hands such files to other apps. */
	get shares(): boolean {
		return canShareFile(fileOf('model', new Blob()));
	}

	/** As an .onnx file, byte for byte what runs here. Never fails: `said` or `trouble` tells how it went. */
	async save({ card }: Pick<ReceivedModel, 'card'>, way: 'save' | 'share'): Promise<void> {
		this.#said = this.#trouble = null;
		try {
			const { bytes } = await openFile(card.file, { base });
			const file = fileOf(card.name, new Blob([bytes]));
			const how = way === 'save' ? await saveFile(file) : await shareFile(file, () => Promise.resolve());
			this.#said = wordsOf(how, file.name);
		} catch (cause) {
			this.#fail(cause, `“${card.name}” could not be written. Try again.`);
		}
	}

	/** Resolves when nothing is written any more. */
	async stop(): Promise<void> {
		await this.#changes;
	}

	async #change(work: () => Promise<unknown>): Promise<boolean> {
		const change = this.#make(work);
		this.#changes = Promise.all([this.#changes, change]);
		return change;
	}

	async #make(work: () => Promise<unknown>): Promise<boolean> {
		try {
			await work();
			this.#trouble = null;
			await this.changed();
			return true;
		} catch (cause) {
			await this.refresh();
			this.#fail(cause, 'This could not be saved. All is as it was. Try again.');
			return false;
		}
	}

	#fail(cause: unknown, words: string): void {
		const trouble = asTrouble(cause, 'not-saved', words);
		void noteError('received', trouble.code);
		this.#trouble = trouble.message;
	}
}

/** @throws Trouble as `changeReceived`; 'received-gone' */
async function changeHere(...change: Parameters<typeof changeReceived>): Promise<void> {
	if (!(await changeReceived(...change)))
		throw new Trouble(
			'received-gone',
			'This model is gone for good. Open its file once more to have it back.'
		);
}

function fileOf(name: string, blob: Blob): FileToSave {
	return {
		...{ name: fileName(name, 'model') + ENDING, type: 'application/octet-stream', blob },
		...{ description: 'An ONNX model', extensions: [ENDING] }
	};
}
