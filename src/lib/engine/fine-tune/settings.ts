/** How fine-tuning is done unless somebody says otherwise: as in the first trial, for objects10 tells no settings apart (docs/roadmap.md, "Fine-tune"). */
import type { Cut } from '../../onnx/cut';
import type { TuneConfig } from './run';

export const FINE_TUNE: Omit<TuneConfig, 'seed'> = {
	...{ kind: 'adam', learningRate: 1e-3, warmup: 0.1, epochs: 20, batch: 32 },
	...{ weightDecay: 0, earlier: 1, smoothing: 0.1 }
};

/** Blocks of the backbone that are trained. */
const BLOCKS = 2;

/** Where it is cut: before its last two blocks. @returns null where it cannot be cut */
export const usualCut = (cuts: readonly Cut[]): Cut | null => cuts.at(-BLOCKS) ?? cuts[0] ?? null;
