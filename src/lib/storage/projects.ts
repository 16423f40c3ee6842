/** Projects: one row each, with their labels. Changes to them are edits. */
import type { Project } from '$lib/domain/project';
import { read, write } from './transaction';

export { duplicateProject } from './duplicate';

/** Those not thrown away, the one changed last first. @throws Trouble */
export async function listProjects(): Promise<Project[]> {
	const projects = await read(['projects'], (transaction) => transaction.objectStore('projects').getAll());
	return projects
		.filter(({ trashed }) => trashed === null)
		.sort((a, b) => b.changed - a.changed || (a.id < b.id ? -1 : 1));
}

/** Also one that was thrown away; null where there is none. @throws Trouble */
export async function readProject(id: string): Promise<Project | null> {
	const project = await read(['projects'], (transaction) => transaction.objectStore('projects').get(id));
	return project ?? null;
}

/** @throws Trouble 'storage-full', 'not-saved' */
export async function addProject(project: Project): Promise<void> {
	await write(['projects'], (transaction) => transaction.objectStore('projects').put(project));
}
