/** The rows of “Share” about time, bytes and memory, on the production build in a real browser. */
import { backbones } from '../../../models/catalog';
import type { Row } from '../report';
import type { Stage } from '../stage';
import { exported } from './exporting';
import { importing } from './importing';
import { wholeProject } from './whole-project';

/** @param folder of datasets; photos are drawn where it is missing */
export async function* sharePage(stage: Stage, folder: string): AsyncGenerator<Row> {
	for (const card of backbones.filter(({ delivery }) => delivery === 'embedded')) {
		const { files, rows } = await exported(stage, card, folder);
		yield* rows;
		yield* importing(stage, card.name, files);
	}
	yield* wholeProject(stage, folder);
}
