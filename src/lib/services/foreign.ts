/** Foreign photos of an embedded backbone, which “not sure” is measured by. */
import type { Foreign } from '$lib/domain/training';
import { decodeRows, foreignFile } from '$models/foreign';

/** @returns null where the backbone has none */
export async function foreignOf(backboneId: string): Promise<Foreign | null> {
	const file = await foreignFile(backboneId);
	return (
		file && {
			reference: decodeRows(file.reference, file.dimension),
			held: decodeRows(file.held, file.dimension)
		}
	);
}
