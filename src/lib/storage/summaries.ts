/**
 * What a list of projects shows of their photos. It counts in the indexes and reads no row, so that it costs
 * little for projects of thousands of photos.
 */
import { read, type Reading } from './transaction';

export interface PhotoSummary {
	/** Photos of each label that is there, by label id, in the order of the labels. */
	counts: Map<string, number>;
	/** Ids of a few photos, of as many labels as there are. */
	first: string[];
}

/** Photos that stand for a project. */
const FIRST = 4;

/** Of what is not thrown away; nothing of a project that is gone. @throws Trouble */
export async function photoSummaries(projectId: string): Promise<PhotoSummary> {
	return read(['projects', 'photos'], async (transaction) => {
		const project = await transaction.objectStore('projects').get(projectId);
		const labels = (project?.labels ?? []).filter(({ trashed }) => trashed === null).map(({ id }) => id);
		const trashed = await Promise.all(labels.map((id) => inTrash(transaction, projectId, id)));
		const all = await Promise.all(labels.map((id) => countOf(transaction, projectId, id)));
		const counts = new Map(labels.map((id, index) => [id, (all[index] ?? 0) - (trashed[index] ?? 0)]));
		const shown = labels.filter((id) => counts.get(id)).slice(0, FIRST);
		const some = await Promise.all(
			shown.map((id) => firstOf(transaction, projectId, id, trashed[labels.indexOf(id)] ?? 0))
		);
		return { counts, first: inTurns(some).slice(0, FIRST) };
	});
}

type Photos = Reading<'projects' | 'photos'>;

/** All keys of an index that start with these two. */
export const ofLabel = (projectId: string, labelId: string) =>
	IDBKeyRange.bound([projectId, labelId], [projectId, labelId, []]);

function countOf(transaction: Photos, projectId: string, labelId: string): Promise<number> {
	return transaction.objectStore('photos').index('byLabel').count(ofLabel(projectId, labelId));
}

function inTrash(transaction: Photos, projectId: string, labelId: string): Promise<number> {
	return transaction.objectStore('photos').index('trashedByLabel').count(ofLabel(projectId, labelId));
}

/** Ids of the photos added first, of those that are there. */
async function firstOf(transaction: Photos, projectId: string, labelId: string, trashed: number) {
	const photos = transaction.objectStore('photos');
	const range = ofLabel(projectId, labelId);
	const [ids, gone] = await Promise.all([
		photos.index('byLabel').getAllKeys(range, FIRST + trashed),
		photos.index('trashedByLabel').getAllKeys(range)
	]);
	const out = new Set(gone);
	return ids.filter((id) => !out.has(id)).slice(0, FIRST);
}

/** The first of each list, then the second of each, and so on. */
function inTurns(lists: readonly string[][]): string[] {
	return Array.from({ length: FIRST }, (_, turn) =>
		lists.flatMap((list) => list.slice(turn, turn + 1))
	).flat();
}
