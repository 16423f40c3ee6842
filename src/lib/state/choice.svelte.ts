/** What was chosen to look with, as a card that an engine takes: a network, a received model, or a project's model. */
import { base } from '$app/paths';
import type { BackboneCard } from '$lib/domain/card';
import { projectOfOwn } from '$lib/domain/own-model';
import { asTrouble } from '$lib/domain/trouble';
import { createShareWorker, openFile } from '$lib/services/engine-parts';
import { makeOwn, stampOf, type OwnModel } from '$lib/services/own-model';
import { noteError } from '$lib/storage/errors';
import { backbones } from '$models/catalog';
import type { ReceivedModels } from './received.svelte';

const fallback = backbones[0];
if (!fallback) throw new Error('the shelf has no embedded backbone');
export const defaultBackbone: BackboneCard = fallback;

const assembly = {
	createWorker: createShareWorker,
	openBackbone: async (file: BackboneCard['file']) => (await openFile(file, { base })).bytes
};

export class Choice {
	/** Files of the project's model that was found last, by their addresses. */
	readonly made = new Map<string, ArrayBuffer>();
	readonly #models: Pick<ReceivedModels, 'card' | 'load'>;
	#own: OwnModel | null = $state.raw(null);

	constructor(models: Pick<ReceivedModels, 'card' | 'load'>) {
		this.#models = models;
	}

	/** As far as it was found before. */
	card(id: string | null): BackboneCard {
		const own = this.#own?.card;
		return (own?.id === id ? own : this.#models.card(id)) ?? defaultBackbone;
	}

	/** Never fails: the default with the reason in words where it cannot be had. @param id null: the default */
	async find(
		id: string | null,
		signal: AbortSignal
	): Promise<{ card: BackboneCard; gaveWay: string | null }> {
		await this.#models.load();
		const instead = (why: string) => ({
			card: defaultBackbone,
			gaveWay: `${why} ${defaultBackbone.name} does the work.`
		});
		const projectId = projectOfOwn(id ?? '');
		if (projectId === null) {
			const card = id === null ? defaultBackbone : this.#models.card(id);
			return card ? { card, gaveWay: null } : instead('The model that was chosen is not on this device.');
		}
		try {
			const own = await makeOwn(assembly, projectId, signal);
			this.made.clear();
			for (const [url, bytes] of own.files) this.made.set(url, bytes);
			this.#own = own;
			return { card: own.card, gaveWay: null };
		} catch (cause) {
			const words = 'The model of the project that was chosen could not be read.';
			const trouble = asTrouble(cause, 'own-unread', words);
			if (!signal.aborted) void noteError('engine', trouble.code);
			return instead(trouble.message);
		}
	}

	/** Whether a project's model is another one by now than the one that was found. */
	async isOutdated(id: string | null): Promise<boolean> {
		const projectId = projectOfOwn(id ?? '');
		return projectId !== null && (await stampOf(projectId)) !== this.#own?.stamp;
	}
}
