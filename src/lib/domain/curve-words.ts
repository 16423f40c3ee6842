/** Reads a learning curve as a teacher would: what the losses did, and what to change. */
import type { Epoch, TrainingConfig } from './training';

const FEWEST_EPOCHS = 5;

/** One sentence or two; '' before there is anything to read. @param kind of training that the curve is of */
export function curveWords(epochs: readonly Epoch[], kind: TrainingConfig['kind']): string {
	if (
		epochs.some(({ loss, validationLoss }) => !Number.isFinite(loss) || !Number.isFinite(validationLoss ?? 0))
	)
		return 'The loss is no number any more: the steps were far too large. Lower the learning rate.';
	if (epochs.length === 0) return '';
	if (epochs.length < FEWEST_EPOCHS) return 'Too few epochs to tell yet.';
	const losses = epochs.map(({ loss }) => loss);
	const accuracies = epochs.map(({ accuracy }) => accuracy);
	// A solved head is begun from, and smoothed labels keep some loss: only what it names wrongly tells.
	const unharmed = kind === 'fine-tune' && mean(accuracies.slice(-3)) >= (accuracies[0] ?? 0);
	if (!unharmed && stepTooLarge(losses))
		return 'The loss jumps up and down instead of falling: the steps are too large. Lower the learning rate.';
	const checked = epochs.flatMap(({ validationLoss }) => (validationLoss === null ? [] : [validationLoss]));
	const turned = checked.length === epochs.length ? overfittingFrom(losses, checked) : null;
	if (turned !== null)
		return `From epoch ${epochs[turned]?.epoch ?? turned} on it learns the photos by heart: the loss falls in training but rises in validation. ${heedWords(kind)}`;
	const watched = checked.length === epochs.length ? checked : losses;
	if (stillFalling(watched)) return 'The loss was still falling at the end: more epochs would help.';
	return 'The curve has levelled off: more epochs would change little.';
}

/** What was done about photos that are learned by heart, and what else can be. */
function heedWords(kind: TrainingConfig['kind']): string {
	const then = 'Add photos, or take fewer epochs or a lower learning rate.';
	if (kind === 'fine-tune')
		return `As much of what it learned as was best for photos it had not seen is kept. ${then}`;
	if (kind === 'scratch') return `As many epochs as were best for photos it had not seen are kept. ${then}`;
	return 'The epoch before was kept. Add photos, or raise the dropout.';
}

/** Many steps upwards that are large against what was won in all, or an end above the start. */
function stepTooLarge(losses: readonly number[]): boolean {
	const [first, least] = [losses[0] ?? 0, Math.min(...losses)];
	const end = mean(losses.slice(-3));
	if (end > first) return true;
	const rises = losses.slice(1).map((loss, i) => loss - (losses[i] ?? loss));
	const large = rises.filter((rise) => rise > 0.15 * (first - least));
	return large.length >= Math.max(2, 0.2 * rises.length);
}

/** Index of the lowest validation loss, where that has risen clearly since and the training loss has not. */
function overfittingFrom(losses: readonly number[], checked: readonly number[]): number | null {
	const lowest = checked.indexOf(Math.min(...checked));
	const end = mean(checked.slice(-3));
	const risen = end > 1.1 * (checked[lowest] ?? 0) + 0.01;
	const since = losses.length - 1 - lowest;
	return risen && since >= 3 && mean(losses.slice(-3)) < (losses[lowest] ?? 0) ? lowest : null;
}

/** The last fifth won more than a twentieth of what was left. */
function stillFalling(losses: readonly number[]): boolean {
	const span = Math.max(2, Math.round(losses.length / 5));
	const before = mean(losses.slice(-2 * span, -span));
	return before - mean(losses.slice(-span)) > 0.05 * before && before > 0.01;
}

function mean(values: readonly number[]): number {
	return values.reduce((a, b) => a + b, 0) / values.length;
}
