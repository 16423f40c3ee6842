/** Changes to a project and its photos that can be taken back. */
import { changePhoto, type PhotoChange } from '$lib/domain/edits';
import type { Edit, Photo, Project, ThrownModel } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { mergeLabels } from './merge-labels';
import { ofLabel } from './summaries';
import { mergeThrown, withThrown } from './thrown-models';
import { together, write, type Writing } from './transaction';

type Editing = Writing<'projects' | 'photos' | 'models'>;

/** Rows before and after. */
interface Step {
	before: { project: Project; photos: Photo[] };
	after: { project: Project; photos: Photo[] };
}

/**
 * Changes the fields that the edit names and no others, all or none.
 *
 * @param now when, in milliseconds since 1970: the project counts as changed then
 * @returns the edit that takes it back: applied next, it gives the same rows as before, also when they changed
 * @throws Trouble 'edit-outdated' where the project, a photo, a model or a label that photos are moved to is gone or
 *   thrown away, a label that is taken away has photos, or a model that is thrown away is in use; 'storage-full',
 *   'not-saved'
 */
export async function applyEdit(edit: Edit, now: number): Promise<Edit> {
	let last: Step | null = null;
	const step = await write(['projects', 'photos', 'models'], async (transaction) => {
		const before = await rowsOf(transaction, edit);
		// Run again after the connection was lost: the first time may have been saved all the same.
		if (last && same(last.after, before)) return last;
		const step = { before, after: changed(before, edit, now) };
		await checkModels(transaction, edit, step);
		await check(transaction, step);
		// Where nothing happened since, it gives back what was there.
		if (edit.seen?.changed !== before.project.changed) checkLabels(step);
		last = step;
		await together([
			() => transaction.objectStore('projects').put(step.after.project),
			...step.after.photos.map((photo) => () => transaction.objectStore('photos').put(photo))
		]);
		return step;
	});
	return inverse(edit, step);
}

async function rowsOf(transaction: Editing, edit: Edit): Promise<Step['before']> {
	const ids = [...new Set(edit.photos.map(({ id }) => id))];
	const [project, ...photos] = await Promise.all([
		transaction.objectStore('projects').get(edit.projectId),
		...ids.map((id) => transaction.objectStore('photos').get(id))
	]);
	if (!project) throw outdated('The project is not there any more');
	const there = photos.filter((photo) => photo?.projectId === edit.projectId).flatMap((photo) => photo ?? []);
	if (there.length < ids.length) throw outdated('Some of these photos are not there any more');
	return { project, photos: there };
}

function changed({ project, photos }: Step['before'], edit: Edit, now: number): Step['after'] {
	const wanted = { ...project, ...given(edit.project) };
	const seen = edit.project.labels && edit.seen?.labels;
	const untouched = edit.seen?.changed === project.changed;
	const changes = new Map<string, PhotoChange>();
	for (const { id, change } of edit.photos) changes.set(id, { ...changes.get(id), ...given(change) });
	const made = {
		...wanted,
		labels: seen ? mergeLabels(seen, wanted.labels, project.labels) : wanted.labels,
		changed: edit.project.changed !== undefined && untouched ? edit.project.changed : now
	};
	const there = project.thrownModels ?? [];
	const thrown = edit.project.thrownModels;
	return {
		project: thrown ? withThrown(made, mergeThrown(edit.seen?.thrownModels ?? there, thrown, there)) : made,
		photos: photos.map((photo) => changePhoto(photo, changes.get(photo.id) ?? {}))
	};
}

/** Without fields that are there but undefined. */
function given<T extends object>(fields: T): T {
	const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
	// An entry less is still a T, whose fields may all be absent; Object.fromEntries does not know.
	return Object.fromEntries(entries) as T;
}

/** A model that is taken back must be in the trash, one that goes there must not, and must be there and not in use. */
async function checkModels(
	transaction: Editing,
	{ project, seen }: Edit,
	{ before, after }: Step
): Promise<void> {
	if (!project.thrownModels) return;
	const idsOf = (models: readonly ThrownModel[] = []) => models.map(({ id }) => id);
	const wanted = idsOf(project.thrownModels);
	const known = idsOf(seen?.thrownModels);
	const now = idsOf(before.project.thrownModels);
	if (known.some((id) => !wanted.includes(id) && !now.includes(id)))
		throw outdated('This model is not in the trash any more');
	const goes = wanted.filter((id) => !known.includes(id));
	if (goes.some((id) => now.includes(id)) || new Set(wanted).size < wanted.length)
		throw outdated('This model is in the trash already');
	const there = goes.length > 0 ? await modelIds(transaction, before.project.id) : [];
	if (goes.some((id) => !there.includes(id))) throw outdated('This model is not there any more');
	if (idsOf(after.project.thrownModels).some((id) => id === after.project.modelId))
		throw outdated('This model is in use by now');
}

const modelIds = (transaction: Editing, projectId: string) =>
	transaction.objectStore('models').index('byProject').getAllKeys(projectId);

/** No photo that is there may be without a label: nobody would see it any more. */
async function check(transaction: Editing, { before, after }: Step): Promise<void> {
	const labels = new Set(after.project.labels.map(({ id }) => id));
	if (after.photos.some(({ labelId, trashed }) => trashed === null && !labels.has(labelId)))
		throw outdated('The label of these photos is not there any more');
	const photos = transaction.objectStore('photos');
	for (const { id } of before.project.labels.filter((label) => !labels.has(label.id))) {
		const [all, trashed] = await Promise.all([
			photos.index('byLabel').count(ofLabel(before.project.id, id)),
			photos.index('trashedByLabel').count(ofLabel(before.project.id, id))
		]);
		const leaving = before.photos.filter((photo) => photo.labelId === id && photo.trashed === null);
		if (all - trashed > leaving.length) throw outdated('There are photos of this label by now');
	}
}

/** No photo may get into the trash with a label unseen: it would be deleted with it. */
function checkLabels({ before, after }: Step): void {
	const gone = new Set(after.project.labels.filter(({ trashed }) => trashed !== null).map(({ id }) => id));
	const labels = new Map(before.photos.map(({ id, labelId, trashed }) => [id, trashed === null && labelId]));
	const lost = (photo: Photo) =>
		photo.trashed === null && gone.has(photo.labelId) && labels.get(photo.id) !== photo.labelId;
	if (after.photos.some(lost)) throw outdated('The label of these photos is in the trash');
}

function inverse(edit: Edit, { before, after }: Step): Edit {
	const thrown = edit.project.thrownModels !== undefined;
	const fields = new Map<string, string[]>();
	for (const { id, change } of edit.photos)
		fields.set(id, [...(fields.get(id) ?? []), ...Object.keys(given(change))]);
	return {
		projectId: edit.projectId,
		project: {
			...pick(before.project, Object.keys(given(edit.project))),
			...(thrown && { thrownModels: before.project.thrownModels ?? [] }),
			changed: before.project.changed
		},
		photos: before.photos.map((photo) => ({ id: photo.id, change: back(photo, fields.get(photo.id) ?? []) })),
		seen: {
			changed: after.project.changed,
			...(edit.project.labels && { labels: after.project.labels }),
			...(thrown && { thrownModels: after.project.thrownModels ?? [] })
		}
	};
}

/** What gives these fields back; the one that may have been absent is taken away then. */
function back(photo: Photo, fields: readonly string[]): PhotoChange {
	const confirmed = fields.includes('confirmed') && { confirmed: photo.confirmed ?? null };
	return { ...pick(photo, fields), ...confirmed };
}

function pick<T extends object>(row: T, fields: readonly string[]): Partial<T> {
	const entries = Object.entries(row).filter(([key]) => fields.includes(key));
	return Object.fromEntries(entries) as Partial<T>; // Object.fromEntries does not know the fields
}

/** Rows are plain and come with their fields in one order. */
function same(a: unknown, b: unknown): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}

const outdated = (what: string) =>
	new Trouble(
		'edit-outdated',
		`${what}: another tab may have changed the project meanwhile. Nothing was changed here. Look at what is there now and do it again.`
	);
