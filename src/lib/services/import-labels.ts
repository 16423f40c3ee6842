/** Labels for what is imported: those that are there by name, and new ones for names that are not. */
import { sameName } from '$lib/domain/names';
import { COLOURS, MOST_LABELS, type Label, type Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { applyEdit } from '$lib/storage/edits';
import { readProject } from '$lib/storage/projects';
import { tellProjectChanged } from './project-news';

/** The id of the label that photos of this name get; null: one of that name is made. */
export type LabelFor = (name: string | null) => string | null;

/**
 * Photos go to the label of their name, and those without a name to `other`.
 *
 * @param other id of a label; null: they are listed as not added
 */
export function labelsByName({ labels }: Pick<Project, 'labels'>, other: string | null): LabelFor {
	return (name) => (name === null ? other : (named(labels, name)?.id ?? null));
}

export class ImportLabels {
	readonly #projectId: string;
	readonly #labelFor: LabelFor;
	readonly #newId: () => string;
	readonly #known = new Map<string | null, string>();
	/** Ids of the labels that were made, in order. */
	readonly made: string[] = [];

	constructor(projectId: string, labelFor: LabelFor, newId: () => string) {
		this.#projectId = projectId;
		this.#labelFor = labelFor;
		this.#newId = newId;
	}

	/**
	 * Labels for these names, made where they are not there; another tab may have made one meanwhile.
	 *
	 * @returns ids by name; null has none where `labelFor` gives none
	 * @throws Trouble 'project-gone', 'too-many-labels', as `applyEdit`
	 */
	async of(names: Iterable<string | null>, now: number): Promise<ReadonlyMap<string | null, string>> {
		const open = [...new Set(names)].filter((name) => !this.#known.has(name));
		const missing: string[] = [];
		for (const name of open) {
			const id = this.#labelFor(name);
			if (id !== null) this.#known.set(name, id);
			else if (name !== null) missing.push(name);
		}
		if (missing.length > 0) await this.#make(missing, now);
		return this.#known;
	}

	async #make(names: readonly string[], now: number): Promise<void> {
		const project = await readProject(this.#projectId);
		if (!project) throw gone();
		const labels = [...project.labels];
		for (const name of names) {
			const there = named(labels, name) ?? this.#newLabel(name, labels);
			if (!labels.includes(there)) labels.push(there);
			this.#known.set(name, there.id);
		}
		const made = labels.slice(project.labels.length).map(({ id }) => id);
		if (made.length === 0) return;
		if (labels.filter(({ trashed }) => trashed === null).length > MOST_LABELS) throw tooMany();
		const edit = { projectId: project.id, project: { labels }, photos: [], seen: { labels: project.labels } };
		await applyEdit(edit, now);
		this.made.push(...made);
		tellProjectChanged(project.id);
	}

	/** In the colour that the fewest labels have. */
	#newLabel(name: string, labels: readonly Label[]): Label {
		const used = new Array<number>(COLOURS).fill(0);
		for (const { colour, trashed } of labels) if (trashed === null) used[colour] = (used[colour] ?? 0) + 1;
		const colour = used.indexOf(Math.min(...used));
		return { id: this.#newId(), name, colour, off: false, trashed: null };
	}
}

function named(labels: readonly Label[], name: string): Label | undefined {
	return labels.find((label) => label.trashed === null && sameName(label.name, name));
}

function gone(): Trouble {
	return new Trouble(
		'project-gone',
		'This project was deleted for good, perhaps in another tab, so nothing can be added to it. Choose another project or start a new one.'
	);
}

function tooMany(): Trouble {
	return new Trouble(
		'too-many-labels',
		`A project can have ${MOST_LABELS.toLocaleString('en')} labels, and this would make more, so it stopped here. What was added before is safe. Merge or delete labels, or start another project for the rest.`
	);
}
