/** Models in a project's trash, as two tabs may change it at once. Pure. */
import type { Project, ThrownModel } from '$lib/domain/project';

type Thrown = readonly ThrownModel[];

/**
 * @param base what both began with
 * @param wanted what the one made of it
 * @param current what the other made of it
 * @returns what both did, by when they were thrown away
 */
export function mergeThrown(base: Thrown, wanted: Thrown, current: Thrown): ThrownModel[] {
	const [before, after, now] = [base, wanted, current].map((models) => new Set(models.map(({ id }) => id)));
	const stayed = current.filter(({ id }) => after?.has(id) || !before?.has(id));
	const came = wanted.filter(({ id }) => !before?.has(id) && !now?.has(id));
	return [...stayed, ...came].sort((a, b) => a.trashed - b.trashed || (a.id < b.id ? -1 : 1));
}

/** The project with these in its trash and no others. */
export function withThrown(project: Project, thrownModels: Thrown): Project {
	const made: Project = { ...project, thrownModels };
	if (thrownModels.length === 0) delete made.thrownModels;
	return made;
}
