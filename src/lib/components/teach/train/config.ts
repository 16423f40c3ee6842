/** What can be set before a press of Train, and within which bounds. */
import type { HeadConfig, MlpConfig } from '$lib/domain/training';

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

export interface Setting {
	key: 'units' | 'dropout' | 'epochs' | 'batch' | 'learningRate';
	words: string;
	/** What it costs and when it helps. */
	note: string;
	/** Lowest first. */
	choices: readonly number[];
	reading(value: number): string;
}

export const SETTINGS: readonly Setting[] = [
	{
		key: 'epochs',
		words: 'Epochs',
		note: 'How often it goes through all photos. More take longer, and too many learn the photos by heart.',
		choices: [10, 20, 30, 50, 75, 100, 150, 200],
		reading: (value) => `${value} times`
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
		key: 'batch',
		words: 'Batch',
		note: 'Photos a step. Small ones are slower and rougher, large ones need more epochs.',
		choices: [8, 16, 32, 64, 128],
		reading: (value) => `${value} photos`
	},
	{
		key: 'learningRate',
		words: 'Learning rate',
		note: 'How far each step goes. Where the curve jumps up and down it is too high, where it creeps too low.',
		choices: [0.0001, 0.0003, 0.001, 0.003, 0.01],
		reading: String
	}
];

/** Index of the choice that is nearest to a value. */
export function nearestChoice(choices: readonly number[], value: number): number {
	let best = 0;
	for (const [i, choice] of choices.entries())
		if (Math.abs(choice - value) < Math.abs((choices[best] ?? Infinity) - value)) best = i;
	return best;
}
