/** A project's model among the models to look with. */
import { liveLabels } from './edits';
import type { Project } from './project';
import { listed } from './wording';

const PREFIX = 'own-';
/** What stands for a project's model among the ids of networks. */
export const ownId = (projectId: string): string => PREFIX + projectId;
/** null where the id is of another kind. */
export const projectOfOwn = (id: string): string | null =>
	id.startsWith(PREFIX) ? id.slice(PREFIX.length) : null;

const SHOWN = 4;

/** What it tells apart, in a sentence. */
export function ownSummary(project: Project): string {
	const names = liveLabels(project)
		.filter(({ off }) => !off)
		.map(({ name }) => name);
	const rest = names.length - SHOWN;
	if (rest <= 0) return `Taught here to tell ${listed(names)}.`;
	return `Taught here to tell ${names.slice(0, SHOWN).join(', ')} and ${rest} more.`;
}
