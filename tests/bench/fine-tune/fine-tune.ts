/** Fine-tuning against the head alone. */
import type { Row } from '../report';
import { accuracy } from './accuracy';
import { embedded, photosOf } from './material';
import { speed } from './speed';
import { startTf } from './start';

/** @param quick one split each */
export async function* fineTuning(options: { photos: string; quick: boolean }): AsyncGenerator<Row> {
	const started = await startTf();
	const network = embedded();
	const splits = options.quick ? 1 : 10;
	const trash6 = await photosOf(options.photos, 'trash6', network);
	yield* speed(started, trash6);
	const objects10 = await photosOf(options.photos, 'objects10', network);
	for (const perLabel of [20, 30]) yield* accuracy(started, objects10, { perLabel, splits, goal: null });
	for (const [perLabel, goal] of [
		[20, null],
		[50, 1.5],
		[100, 4]
	] as const)
		yield* accuracy(started, trash6, { perLabel, splits, goal });
}
