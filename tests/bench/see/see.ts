import type { Row } from '../report';
import type { Stage } from '../stage';
import { backendsOf, gpuAgainstCpu } from './gpu';
import { memory } from './memory';
import { againstTfjs, frames } from './speed';
import { visits } from './visits';

/** The rows of “See”. */
export async function* see(stage: Stage): AsyncGenerator<Row> {
	const backends = await backendsOf(stage);
	yield* frames(stage, 'wasm');
	yield* againstTfjs(stage);
	if (backends.includes('webgpu')) {
		yield* frames(stage, 'webgpu');
		yield* gpuAgainstCpu(stage);
	}
	for (const backend of backends) {
		yield* visits(stage, backend, backends.length === 1);
		yield* memory(stage, backend, stage.counts.late);
	}
}
