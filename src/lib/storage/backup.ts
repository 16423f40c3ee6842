import type { BackedUp } from '$lib/domain/project';
import { projectIn } from './owner';
import { write } from './transaction';

/** Notes that a file holds the project as it was then. No change of the project, and nothing to undo. @throws Trouble */
export async function noteBackup(projectId: string, backedUp: BackedUp): Promise<void> {
	await write(['projects'], async (transaction) => {
		const project = await projectIn(transaction, projectId);
		await transaction.objectStore('projects').put({ ...project, backedUp });
	});
}
