/** The size of a step over a run: a linear warm-up, then half a cosine down to zero (Loshchilov & Hutter 2017, SGDR, no restarts). */
export interface Schedule {
	/** Steps of the whole run. */
	steps: number;
	/** Of them, those that warm up. */
	warmup: number;
	/** The largest step. */
	peak: number;
}

/** @param step from 0 @returns 0 < size ≤ peak while step < steps; 0 from then on */
export function stepSize(step: number, { steps, warmup, peak }: Schedule): number {
	if (step >= steps) return 0;
	if (step < warmup) return (peak * (step + 1)) / (warmup + 1);
	return (peak / 2) * (1 + Math.cos((Math.PI * (step - warmup)) / (steps - warmup)));
}
