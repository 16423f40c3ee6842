/** Changes of a project as edits that can be undone; the words of each say what was done. */
import { freeName, isolated } from './names';
import { COLOURS, type Edit, type Label, type Photo, type Project, type ThrownModel } from './project';
import { viewPhotos, VIEWS, type ViewName } from './view';
import { grouped } from './wording';

/** An edit and what it did, as a person reads it: "Moved 6 photos to Daisy". */
export interface Step {
	words: string;
	edit: Edit;
}

export type PhotoChange = Edit['photos'][number]['change'];

/** "1 photo", "6 photos" */
export const photoCount = (count: number) => `${grouped(count)} ${count === 1 ? 'photo' : 'photos'}`;

/** The labels that are there, in the person's order. */
export const liveLabels = (project: Project): Label[] =>
	project.labels.filter(({ trashed }) => trashed === null);

/** The colour that is used least, the lowest of those. */
export function nextColour(project: Project): number {
	const uses = Array.from({ length: COLOURS }, () => 0);
	for (const { colour } of liveLabels(project)) uses[colour] = (uses[colour] ?? 0) + 1;
	return uses.indexOf(Math.min(...uses));
}

/** Says what it was made on top of, so that labels that another tab changed meanwhile stay changed. */
const edit = (project: Project, fields: Edit['project'], photos: Edit['photos'] = []): Edit => ({
	projectId: project.id,
	project: fields,
	photos,
	...((fields.labels ?? fields.thrownModels) && {
		seen: {
			...(fields.labels && { labels: project.labels }),
			...(fields.thrownModels && { thrownModels: project.thrownModels ?? [] })
		}
	})
});

const withLabel = (project: Project, id: string, change: Partial<Label>): readonly Label[] =>
	project.labels.map((label) => (label.id === id ? { ...label, ...change } : label));

const changeAll = (ids: Iterable<string>, change: PhotoChange): Edit['photos'] =>
	Array.from(ids, (id) => ({ id, change }));

function nameOf(project: Project, labelId: string): string {
	return isolated(project.labels.find(({ id }) => id === labelId)?.name ?? 'another label');
}

export function renameProject(project: Project, name: string): Step {
	return { words: `Renamed ${isolated(project.name)} to ${isolated(name)}`, edit: edit(project, { name }) };
}

export function switchView(project: Project, view: ViewName, on: boolean): Step {
	const words = on ? `Learning from ${viewPhotos[view]} too` : `Learning without ${viewPhotos[view]}`;
	// In one order, whichever was switched on first: the same choice gives the same model.
	const views = VIEWS.filter((one) => (one === view ? on : project.views.includes(one)));
	return { words, edit: edit(project, { views }) };
}

export function addLabel(project: Project, id: string, name: string): Step {
	const label: Label = { id, name, colour: nextColour(project), off: false, trashed: null };
	return { words: `Added ${isolated(name)}`, edit: edit(project, { labels: [...project.labels, label] }) };
}

/** Takes back photos that were added, with the labels that came along. */
export function removeAdded(
	project: Project,
	photoIds: readonly string[],
	labelIds: readonly string[],
	now: number
): Edit {
	const labels = project.labels.map((label) =>
		labelIds.includes(label.id) ? { ...label, trashed: now } : label
	);
	return edit(project, labelIds.length > 0 ? { labels } : {}, changeAll(photoIds, { trashed: now }));
}

export function renameLabel(project: Project, id: string, name: string): Step {
	const words = `Renamed ${nameOf(project, id)} to ${isolated(name)}`;
	return { words, edit: edit(project, { labels: withLabel(project, id, { name }) }) };
}

export function recolourLabel(project: Project, id: string, colour: number): Step {
	const words = `Changed the colour of ${nameOf(project, id)}`;
	return { words, edit: edit(project, { labels: withLabel(project, id, { colour }) }) };
}

export function switchLabel(project: Project, id: string, off: boolean): Step {
	const words = `Switched ${nameOf(project, id)} ${off ? 'off' : 'on'}`;
	return { words, edit: edit(project, { labels: withLabel(project, id, { off }) }) };
}

/** @param by −1 one place up, 1 one place down, among the labels that are there */
export function moveLabel(project: Project, id: string, by: number): Step {
	const live = liveLabels(project);
	const from = live.findIndex((label) => label.id === id);
	const to = Math.min(live.length - 1, Math.max(0, from + by));
	const moved = live[from];
	if (moved) live.splice(to, 0, ...live.splice(from, 1));
	const gone = project.labels.filter(({ trashed }) => trashed !== null);
	const words = `Moved ${nameOf(project, id)} ${by < 0 ? 'up' : 'down'}`;
	return { words, edit: edit(project, { labels: [...live, ...gone] }) };
}

/** The photos of one label get another, and the first is thrown away. */
export function mergeLabels(
	project: Project,
	photos: readonly Photo[],
	from: string,
	into: string,
	now: number
): Step {
	const ids = photos.filter(({ labelId }) => labelId === from).map(({ id }) => id);
	return {
		words: `Merged ${nameOf(project, from)} into ${nameOf(project, into)}`,
		edit: edit(
			project,
			{ labels: withLabel(project, from, { trashed: now }) },
			changeAll(ids, { labelId: into })
		)
	};
}

/** Its photos keep it, so that all come back with it. */
export function throwAwayLabel(project: Project, id: string, now: number): Step {
	const words = `Threw away ${nameOf(project, id)}`;
	return { words, edit: edit(project, { labels: withLabel(project, id, { trashed: now }) }) };
}

export function movePhotos(project: Project, ids: readonly string[], labelId: string): Step {
	const words = `Moved ${photoCount(ids.length)} to ${nameOf(project, labelId)}`;
	return { words, edit: edit(project, {}, changeAll(ids, { labelId })) };
}

export function throwAwayPhotos(project: Project, ids: readonly string[], now: number): Step {
	return {
		words: `Threw away ${photoCount(ids.length)}`,
		edit: edit(project, {}, changeAll(ids, { trashed: now }))
	};
}

/** Their labels are right, though doubted. */
export function confirmPhotos(project: Project, photos: readonly Photo[]): Step {
	const [first] = photos;
	const one = first && photos.every(({ labelId }) => labelId === first.labelId);
	const changes = photos.map(({ id, labelId }) => ({ id, change: { confirmed: labelId } }));
	const words = `Kept ${photoCount(photos.length)}${one ? ` as ${nameOf(project, first.labelId)}` : ''}`;
	return { words, edit: edit(project, {}, changes) };
}

/** Their labels may be doubted again. */
export function doubtPhotos(project: Project, ids: readonly string[]): Step {
	const words = `Asking again about ${photoCount(ids.length)}`;
	return { words, edit: edit(project, {}, changeAll(ids, { confirmed: null })) };
}

/** @param name of the model, as a person reads it */
export function throwAwayModel(project: Project, model: ThrownModel, name: string): Step {
	const thrownModels = [...(project.thrownModels ?? []), model];
	return { words: `Threw away the model “${name}”`, edit: edit(project, { thrownModels }) };
}

/** From the trash. @param name as above; null where it is not known */
export function takeBackModel(project: Project, id: string, name: string | null): Step {
	const thrownModels = (project.thrownModels ?? []).filter((model) => model.id !== id);
	const words = name === null ? 'Took back a model' : `Took back the model “${name}”`;
	return { words, edit: edit(project, { thrownModels }) };
}

/** The person said that the label it has is right. */
export const isConfirmed = ({ labelId, confirmed }: Photo) => confirmed === labelId;

/** A photo as an edit leaves it. */
export function changePhoto(photo: Photo, { confirmed, ...change }: PhotoChange): Photo {
	const { confirmed: before, ...rest } = { ...photo, ...change };
	const after = confirmed === undefined ? before : confirmed;
	return after ? { ...rest, confirmed: after } : rest;
}

/**
 * From the trash; with the labels of photos whose label is gone too. A label whose name was given to another
 * meanwhile gets a number: “Daisy (2)”.
 */
export function takeBack(
	project: Project,
	back: { labels: readonly string[]; photos: readonly Photo[] }
): Step {
	const wanted = new Set([...back.labels, ...back.photos.map(({ labelId }) => labelId)]);
	const names = liveLabels(project).map(({ name }) => name);
	const all: string[] = [];
	const renamed: string[] = [];
	const labels = project.labels.map((label) => {
		if (label.trashed === null || !wanted.has(label.id)) return label;
		const name = freeName(label.name, names);
		names.push(name);
		const words = isolated(label.name) + (name === label.name ? '' : ` as ${isolated(name)}`);
		all.push(words);
		if (name !== label.name) renamed.push(words);
		return { ...label, name, trashed: null };
	});
	const words = (back.photos.length > 0 ? [photoCount(back.photos.length), ...renamed] : all).join(', ');
	const ids = back.photos.map(({ id }) => id);
	return {
		words: `Took back ${words}`,
		edit: edit(project, all.length > 0 ? { labels } : {}, changeAll(ids, { trashed: null }))
	};
}
