/** What a training costs: seconds for three labels of fifty photos, milliseconds a step, how both grow, and memory. */
import { FINE_TUNE } from '../../../src/lib/components/teach/train/config';
import { fit } from '../../../src/lib/engine/fine-tune/fit';
import { tuneConfigOf } from '../../../src/lib/engine/fine-tune/settings';
import { USUAL_STRENGTH } from '../../../src/lib/engine/out-of-fold';
import type { StartedTf } from '../../../src/lib/engine/tf';
import { atMost, median, plain, type Row } from '../report';
import { partOf, type Photos } from './material';

const EPOCHS = 10;
const ROUNDS = 3;
const LABELS = 3;
const area = 'fine-tune';

export async function* speed(started: StartedTf, photos: Photos): AsyncGenerator<Row> {
	const times = new Map<number, number[]>();
	const levels: number[] = [];
	for (let round = 0; round < ROUNDS; round++)
		for (const perLabel of [25, 50, 100]) {
			const begin = performance.now();
			await once(started, few(photos, perLabel), round);
			times.set(perLabel, [...(times.get(perLabel) ?? []), performance.now() - begin]);
			const { numTensors, numBytes } = started.tf.memory();
			levels.push(numTensors + numBytes);
		}
	const took = (perLabel: number) => median(times.get(perLabel) ?? []) / 1000;
	const named = (what: string) =>
		`${what}, ${LABELS} × 50 photos and mirror images, last two blocks, ${EPOCHS} epochs`;
	yield atMost(
		{ area, name: named('fine-tuning on one thread'), value: took(50), unit: 's', rival: null },
		20
	);
	const steps = EPOCHS * Math.ceil((2 * LABELS * 50) / FINE_TUNE.batch);
	const step = { name: `a step of ${FINE_TUNE.batch} rows`, value: (1000 * took(50)) / steps, unit: 'ms' };
	yield plain({ area, ...step, rival: null });
	const growth = { name: 'twice the photos take', value: took(100) / took(50), unit: 'times' };
	yield plain({
		area,
		...growth,
		rival: `25 a label ${took(25).toFixed(1)} s, 100 a label ${took(100).toFixed(1)} s`
	});
	const left = {
		name: `tensors and bytes left by ${ROUNDS} rounds`,
		value: levels.at(-1) ?? NaN,
		unit: 'kept'
	};
	yield atMost(
		{ area, ...left, rival: `after the first ${levels[0]}` },
		levels[0] ?? 0,
		'as after the first'
	);
}

/** The first photos of the first labels. */
function few(photos: Photos, perLabel: number): Photos {
	const { targets } = photos.set;
	const taken = Array.from({ length: LABELS }, (_, label) =>
		[...targets.keys()].filter((photo) => targets[photo] === label).slice(0, perLabel)
	).flat();
	const part = partOf(photos, taken);
	return { ...part, set: { ...part.set, classes: LABELS } };
}

async function once(started: StartedTf, photos: Photos, seed: number): Promise<void> {
	const all = [...photos.set.targets.keys()];
	await fit(
		started,
		{ ...photos, lambda: USUAL_STRENGTH },
		tuneConfigOf({ ...FINE_TUNE, epochs: EPOCHS, seed }),
		{ photos: all, checked: [], share: 1, until: EPOCHS },
		{ pause: async () => {} }
	);
}
