/** What a press of Train takes where nobody says otherwise. */
import { tuneConfigOf } from '../../../src/lib/engine/fine-tune/settings';

/** Blocks of the backbone that are trained. */
export const BLOCKS = 2;
export const FINE_TUNE = tuneConfigOf({ seed: 1, epochs: 20, batch: 32, learningRate: 1e-3 });
