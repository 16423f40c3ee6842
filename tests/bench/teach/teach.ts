/** The rows of “Teach” that are about learning and judging: no browser, photos from a folder. */
import type { Row } from '../report';
import { accuracy } from './accuracy';
import { honesty } from './honesty';
import { loadDatasets } from './photos';
import { startRecipe } from './start-recipe';
import { speed } from './speed';
import { wrongLabels } from './wrong-labels';

export interface TeachOptions {
	/** Folder of datasets, each a folder of labels, each a folder of JPEG files. */
	photos: string;
	/** Few splits: enough to see that everything runs. */
	quick: boolean;
}

export async function* teach({ photos, quick }: TeachOptions): AsyncGenerator<Row> {
	const datasets = await loadDatasets(photos);
	await startRecipe();
	yield* speed(datasets);
	yield* accuracy(datasets, quick ? 2 : 10);
	yield* honesty(datasets, quick ? 3 : 50);
	yield* wrongLabels(datasets, quick ? 2 : 50);
}
