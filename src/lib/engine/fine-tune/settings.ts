/** How fine-tuning is done where nobody says otherwise: as in the first trial, for objects10 tells no settings apart (docs/roadmap.md, "Fine-tune"). */
import type { LayersConfig } from '../../domain/training';
import type { Cut } from '../../onnx/cut';
import type { TuneConfig } from './run';

const OPTIMIZER = { kind: 'adam', warmup: 0.1, weightDecay: 0, earlier: 1 } as const;
/** Not of what learns from scratch: the lecture's is plain cross-entropy. */
const SMOOTHING = 0.1;

/** With the person's own settings. */
export const tuneConfigOf = ({
	kind,
	seed,
	epochs,
	batch,
	learningRate
}: Pick<LayersConfig, 'seed' | 'epochs' | 'batch' | 'learningRate'> & {
	kind?: LayersConfig['kind'];
}): TuneConfig => ({
	...{ ...OPTIMIZER, smoothing: kind === 'scratch' ? 0 : SMOOTHING },
	...{ seed, epochs, batch, learningRate }
});

/** Where so many blocks from the end are trained, or as many as can be. @returns null where it cannot be cut */
export const cutBefore = (cuts: readonly Cut[], blocks: number): Cut | null =>
	cuts.at(-blocks) ?? cuts[0] ?? null;
