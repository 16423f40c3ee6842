/** The rows of “Share” that need no browser: what files answer, and how fast damaged ones are judged. */
import type { Row } from '../report';
import { answers } from './answers';
import { decoders } from './decoders';

export interface ShareOptions {
	/** Folder of datasets, each a folder of labels, each a folder of JPEG files. */
	photos: string;
	/** Few splits and cases: enough to see that everything runs. */
	quick: boolean;
}

export async function* share({ photos, quick }: ShareOptions): AsyncGenerator<Row> {
	yield* decoders(quick ? 50 : 1000);
	yield* answers(photos, quick ? 1 : 5);
}
