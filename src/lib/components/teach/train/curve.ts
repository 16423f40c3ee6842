/** What the curves of a run show: which lines, and how far the axes reach. */
import type { Epoch } from '$lib/domain/training';

export interface Curve {
	training: { x: number; y: number | null }[];
	validation: { x: number; y: number | null }[];
}

export function curveOf(epochs: readonly Epoch[], what: 'loss' | 'accuracy'): Curve {
	const loss = what === 'loss';
	return {
		training: epochs.map((one) => ({ x: one.epoch, y: finite(loss ? one.loss : one.accuracy) })),
		validation: epochs.map((one) => ({
			x: one.epoch,
			y: finite(loss ? one.validationLoss : one.validationAccuracy)
		}))
	};
}

/** A loss that ran away has no place on the axis. */
function finite(value: number | null): number | null {
	return value !== null && Number.isFinite(value) ? value : null;
}

export function hasValidation({ validation }: Curve): boolean {
	return validation.some(({ y }) => y !== null);
}

/**
 * The highest loss rounded up to a figure that people read easily, so that the axis seldom changes while a run
 * goes on: the next of 0.1, 0.15, 0.2, 0.3, 0.5, 1, 1.5 and so on.
 */
export function lossCeiling({ training, validation }: Curve): number {
	const highest = Math.max(0.1, ...[...training, ...validation].map(({ y }) => y ?? 0));
	const power = 10 ** Math.floor(Math.log10(highest));
	return ([1, 1.5, 2, 3, 5].find((step) => step * power >= highest * (1 - 1e-9)) ?? 10) * power;
}

/** @param planned epochs of the run that goes on; 0 where it is over */
export function lastEpoch(epochs: readonly Epoch[], planned: number): number {
	return Math.max(2, planned, epochs.at(-1)?.epoch ?? 0);
}

/** Epochs on the axis as whole numbers only. */
export function wholeNumber(value: number): string {
	return Number.isInteger(value) ? String(value) : '';
}
