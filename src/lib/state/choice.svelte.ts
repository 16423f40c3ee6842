/** What was chosen to look with, as a card that an engine takes: a network, a received model, or a project's model. */
import { base } from '$app/paths';
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import { projectOfOwn } from '$lib/domain/own-model';
import { asTrouble } from '$lib/domain/trouble';
import { isInTrash } from '$lib/services/cards';
import { createShareWorker, openFile } from '$lib/services/engine-parts';
import { makeOwn, stampOf, type OwnModel } from '$lib/services/own-model';
import { noteError } from '$lib/storage/errors';
import { backbones } from '$models/catalog';
import type { ReceivedModels } from './received.svelte';

const fallback = backbones[0];
if (!fallback) throw new Error('the shelf has no embedded backbone');
export const defaultBackbone: BackboneCard = fallback;

/** In place of a stamp: what could not be had this time is tried again the next time. */
const FAILED = 'failed';
/** The same of what takes long to fail: it is tried again after a while. */
const TOILED = 'toiled';
const AGAIN_MS = 60_000;
/** What lasts until the project itself is another. */
const lasting = new Set(['own-gone', 'own-untaught']);

/** What was found, to be taken up once it is certain that it is still wanted. */
export interface Chosen {
	card: BackboneCard;
	/** Why it is another one than was chosen, in words. */
	gaveWay: string | null;
	/** Of a project's model. */
	own: OwnModel | null;
	stamp: string | null;
	/** Files that it lacks and that may be had later; null where that is not why it gave way. */
	missing: readonly FileFacts[] | null;
}

export class Choice {
	/** Files of the project's model that is in use, by their addresses. */
	readonly made = new Map<string, ArrayBuffer>();
	readonly #models: Pick<ReceivedModels, 'card' | 'load'>;
	/** In use, or on its way. */
	#card: BackboneCard = $state.raw(defaultBackbone);
	/** What was found last, whatever became of it: its id, and the stamp of a project's model. */
	#found: Pick<Chosen, 'stamp'> & { id: string | null; at: number } = { id: null, stamp: null, at: 0 };

	constructor(models: Pick<ReceivedModels, 'card' | 'load'>) {
		this.#models = models;
	}

	/** What the engine has under this id, as it is called now. */
	card(id: string | null): BackboneCard {
		if (this.#card.id !== id) return this.#models.card(id) ?? defaultBackbone;
		return (this.#card.delivery === 'file' ? this.#models.card(id) : undefined) ?? this.#card;
	}

	/**
	 * Never fails but when it is given up: the default with the reason in words where it cannot be had.
	 *
	 * @param id null: the default
	 * @throws AbortError
	 */
	async find(id: string | null, signal: AbortSignal): Promise<Chosen> {
		await this.#models.load();
		signal.throwIfAborted();
		const projectId = projectOfOwn(id ?? '');
		if (projectId !== null) return findOwn(projectId, signal);
		const card = id === null ? defaultBackbone : this.#models.card(id);
		if (card) return { card, gaveWay: null, own: null, stamp: null, missing: null };
		return instead(
			isInTrash(id ?? '')
				? 'The model that was chosen is in the trash. Take it back on the Models page to use it.'
				: 'The model that was chosen is not on this device.'
		);
	}

	/** It is what is used from now on. */
	take({ card, own, stamp }: Chosen): void {
		this.made.clear();
		for (const [url, bytes] of own?.files ?? []) this.made.set(url, bytes);
		this.#card = card;
		this.#found = { id: card.id, stamp, at: performance.now() };
	}

	/** The default does the work in its place. */
	giveWay(): void {
		this.made.clear();
		this.#card = defaultBackbone;
	}

	/** Whether what is wanted is another by now than what was taken: a project's model has learned, a model is gone or back. */
	async isOutdated(id: string | null): Promise<boolean> {
		const projectId = projectOfOwn(id ?? '');
		const { stamp, at } = this.#found;
		if (projectId !== null && stamp === TOILED) return performance.now() - at >= AGAIN_MS;
		if (projectId !== null) return (await stampOf(projectId)) !== stamp;
		const wanted = id === null ? defaultBackbone : this.#models.card(id);
		return (wanted ?? defaultBackbone).id !== this.#found.id;
	}
}

function instead(why: string, more: Partial<Pick<Chosen, 'stamp' | 'missing'>> = {}): Chosen {
	const gaveWay = `${why} ${defaultBackbone.name} does the work.`;
	return { card: defaultBackbone, gaveWay, own: null, stamp: null, missing: null, ...more };
}

async function findOwn(projectId: string, signal: AbortSignal): Promise<Chosen> {
	let ground: FileFacts | undefined;
	const openBackbone = async (file: FileFacts) => (await openFile((ground = file), { base })).bytes;
	try {
		const own = await makeOwn({ createWorker: createShareWorker, openBackbone }, projectId, signal);
		signal.throwIfAborted();
		return { card: own.card, gaveWay: null, own, stamp: own.stamp, missing: null };
	} catch (cause) {
		signal.throwIfAborted();
		const words = 'The model of the project that was chosen could not be read.';
		const { code, message } = asTrouble(cause, 'own-unread', words);
		void noteError('engine', code);
		const missing = ground && code.startsWith('file-') ? [ground] : null;
		const failed = code.startsWith('share-') ? TOILED : FAILED;
		return instead(message, { stamp: lasting.has(code) ? null : failed, missing });
	}
}
