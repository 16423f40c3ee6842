/** What can be set before a press of Train, and within which bounds. */
import type { FineTuneConfig, HeadConfig, MlpConfig, ScratchConfig } from '$lib/domain/training';

/** One seed for all, so that the same photos give the same model. */
const SEED = 1;

export const HEAD: HeadConfig = { kind: 'head', seed: SEED };

/** The lecture's network. */
export const MLP: MlpConfig = {
	kind: 'mlp',
	seed: SEED,
	units: 128,
	dropout: 0.5,
	epochs: 50,
	batch: 16,
	learningRate: 0.001
};

export const FINE_TUNE: FineTuneConfig = {
	kind: 'fine-tune',
	seed: SEED,
	blocks: 2,
	epochs: 20,
	batch: 32,
	learningRate: 0.001
};

/** The lecture's network and batch. */
export const SCRATCH: ScratchConfig = {
	kind: 'scratch',
	seed: SEED,
	size: 32,
	epochs: 20,
	batch: 64,
	learningRate: 0.001
};

/** One number of a configuration. */
export interface Setting<Key extends string> {
	key: Key;
	words: string;
	/** What it costs and when it helps. */
	note: string;
	/** Lowest first. */
	choices: readonly number[];
	reading(value: number): string;
}

type MlpKey = Exclude<keyof MlpConfig, 'kind' | 'seed'>;
type ScratchKey = Exclude<keyof ScratchConfig, 'kind' | 'seed' | 'batch'>;
type FineTuneKey = Exclude<keyof FineTuneConfig, 'kind' | 'seed'>;

const epochs = {
	key: 'epochs',
	words: 'Epochs',
	reading: (value: number) => `${value} times`
} as const;

const batch = {
	key: 'batch',
	words: 'Batch',
	reading: (value: number) => `${value} photos`
} as const;

const learningRate = { key: 'learningRate', words: 'Learning rate', reading: String } as const;

export const MLP_SETTINGS: readonly Setting<MlpKey>[] = [
	{
		...epochs,
		note: 'How often it goes through all photos. More take longer, and too many learn the photos by heart.',
		choices: [10, 20, 30, 50, 75, 100, 150, 200]
	},
	{
		key: 'units',
		words: 'Hidden units',
		note: 'Numbers between the features and the answer. More can tell finer differences, but need more photos.',
		choices: [16, 32, 64, 128, 256, 512],
		reading: String
	},
	{
		key: 'dropout',
		words: 'Dropout',
		note: 'Share of the units that sit out each step, so that none is relied on. Helps where photos are few.',
		choices: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
		reading: (value) => (value === 0 ? 'none' : `${Math.round(value * 100)}\u202f%`)
	},
	{
		...batch,
		note: 'Photos a step. Small ones are slower and rougher, large ones need more epochs.',
		choices: [8, 16, 32, 64, 128]
	},
	{
		...learningRate,
		note: 'How far each step goes. Where the curve jumps up and down it is too high, where it creeps too low.',
		choices: [0.0001, 0.0003, 0.001, 0.003, 0.01]
	}
];

export const FINE_TUNE_SETTINGS: readonly Setting<FineTuneKey>[] = [
	{
		key: 'blocks',
		words: 'Blocks',
		note: 'How much of the network’s end is trained. More can learn finer differences, but take longer and need more photos.',
		choices: [1, 2, 3, 4],
		reading: (value) => (value === 1 ? 'the last one' : `the last ${value}`)
	},
	{
		...epochs,
		note: 'How often it goes through all photos. Of what it learned, as much is kept as was best for photos it had not seen.',
		choices: [3, 5, 10, 15, 20, 30]
	},
	{
		...batch,
		note: 'Photos a step. Large ones need more memory and more epochs, small ones are rougher.',
		choices: [16, 32, 64]
	},
	{
		...learningRate,
		note: 'How far each step goes. Where the curve jumps up and down it is too high, where it creeps too low.',
		choices: [0.0001, 0.0003, 0.001, 0.003]
	}
];

/** The batch is the lecture's. */
export const SCRATCH_SETTINGS: readonly Setting<ScratchKey>[] = [
	{
		key: 'size',
		words: 'Size of the photos',
		note: 'Larger ones show more, but at 64 pixels there is six times as much to compute as at 32, at 96 sixteen times. Without a strong graphics processor, stay at 32.',
		choices: [32, 64, 96],
		reading: (value) => `${value} × ${value} pixels`
	},
	{
		...epochs,
		note: 'How often it goes through all photos, at most: as many as were best for photos it had not seen are kept.',
		choices: [5, 10, 20, 30, 50]
	},
	{
		...learningRate,
		note: 'How far each step goes. Where the curve jumps up and down it is too high, where it creeps too low.',
		choices: [0.0001, 0.0003, 0.001, 0.003]
	}
];

/** Index of the choice that is nearest to a value. */
export function nearestChoice(choices: readonly number[], value: number): number {
	let best = 0;
	for (const [i, choice] of choices.entries())
		if (Math.abs(choice - value) < Math.abs((choices[best] ?? Infinity) - value)) best = i;
	return best;
}
