/** What is added belongs to a project that must be there: else nothing would ever delete it. */
import type { IDBPObjectStore } from 'idb';
import type { Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import type { Schema } from './schema';

interface WithProjects {
	objectStore(name: 'projects'): Pick<IDBPObjectStore<Schema, 'projects'[], 'projects'>, 'get'>;
}

/** The project with that id, in the transaction that adds to it. @throws Trouble 'project-gone' */
export async function projectIn(transaction: WithProjects, id: string): Promise<Project> {
	const project = await transaction.objectStore('projects').get(id);
	if (project) return project;
	throw new Trouble(
		'project-gone',
		'This project was deleted for good, perhaps in another tab, so nothing can be added to it. Choose another project or start a new one.'
	);
}
