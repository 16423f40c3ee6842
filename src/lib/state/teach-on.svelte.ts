/** A new project that begins on a model of the shelf. */
import type { BackboneCard } from '$lib/domain/card';
import { groundOf } from '$lib/services/cards';
import { noteError } from '$lib/storage/errors';
import { receivedLabels } from '$lib/storage/received';
import type { Projects } from './projects.svelte';

/** Nobody teaches the thousand of ImageNet anew. */
const MOST_OFFERED = 50;

export class TeachOn {
	readonly #projects: Pick<Projects, 'create' | 'refresh'>;
	#card: BackboneCard | null = $state.raw(null);
	#labels: readonly string[] = $state.raw([]);

	constructor(projects: Pick<Projects, 'create' | 'refresh'>) {
		this.#projects = projects;
	}

	/** What is asked about; null: nothing. */
	get card(): BackboneCard | null {
		return this.#card;
	}

	/** Those that the project may begin with; none where there are too many. */
	get labels(): readonly string[] {
		return this.#labels;
	}

	/** Never fails: without its labels where they cannot be read. */
	async open(card: BackboneCard): Promise<void> {
		const few = card.delivery === 'file' && card.labels.count <= MOST_OFFERED;
		const [labels] = await Promise.all([
			few
				? receivedLabels(card).catch((cause: unknown) => {
						void noteError('teach-on', cause);
						return [];
					})
				: [],
			this.#projects.refresh()
		]);
		this.#labels = labels;
		this.#card = card;
	}

	close(): void {
		this.#card = null;
		this.#labels = [];
	}

	/** @returns the id of the project; null where it could not be kept, which `projects.trouble` tells */
	async create(name: string, withLabels: boolean): Promise<string | null> {
		const card = this.#card;
		if (!card) return null;
		const labels = withLabels ? this.#labels : [];
		const id = await this.#projects.create(name, { card: groundOf(card), crop: card.taught?.crop, labels });
		if (id) this.close();
		return id;
	}
}
