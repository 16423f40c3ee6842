import type { Row } from '../report';
import type { Stage } from '../stage';
import { gpu } from './gpu';
import { memory } from './memory';
import { againstTfjs, frames } from './speed';
import { visits } from './visits';

/** The rows of “See”. */
export async function* see(stage: Stage): AsyncGenerator<Row> {
	yield* frames(stage);
	yield* againstTfjs(stage);
	yield* gpu(stage);
	yield* visits(stage);
	yield* memory(stage, 2000);
}
