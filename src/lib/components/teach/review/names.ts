/** Names of an evaluation's labels, as they are now. */
import { isolated } from '$lib/domain/names';
import type { Label } from '$lib/domain/project';

/**
 * @param ids in the order of the evaluation
 * @param labels of the project, thrown away ones too
 */
export function namesOf(ids: readonly string[], labels: readonly Label[]): string[] {
	const names = new Map(labels.map(({ id, name }) => [id, name]));
	return ids.map((id) => isolated(names.get(id) ?? 'a label that is gone'));
}
