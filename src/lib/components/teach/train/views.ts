/** What each view is good for and where it does harm, in words. */
import type { ViewName } from '$lib/domain/view';
import type { Pixels } from '$lib/image/resize';

/** One of the person's photos, as views are made of it. */
export interface SampleView {
	photoId: string;
	pixels: Pixels;
}

interface ViewWords {
	words: string;
	/** What it helps with. */
	helps: string;
	/** Where it would make a label wrong. */
	warning: string;
}

export const viewWords: Record<ViewName, ViewWords> = {
	mirrored: {
		words: 'Mirrored',
		helps: 'For things that may face either way.',
		warning: 'Not where left and right make the difference: b and d, arrows, hands.'
	},
	rotated: {
		words: 'Tilted',
		helps: 'For a thing or a camera that is not held quite straight. By 5 to 15 degrees.',
		warning: 'Not where the angle is the label: the hand of a gauge, a picture that hangs crooked.'
	},
	cropped: {
		words: 'Nearer',
		helps: 'For things that are not always in the middle, or as far away. Keeps 80 to 95 % of each side.',
		warning: 'Not where the thing at the edge makes the difference.'
	},
	brightness: {
		words: 'Lighter or darker',
		helps: 'For another time of day, or another lamp.',
		warning: 'Not where the colour or the light is the label: ripe or not, on or off.'
	},
	contrast: {
		words: 'More or less contrast',
		helps: 'For haze, glare and flat light.',
		warning: 'Not where the colour or the light is the label: faded or new, stained or clean.'
	},
	noisy: {
		words: 'Grainy',
		helps: 'For dim light and simple cameras.',
		warning: 'Not where fine texture is the label: kinds of cloth, smooth or rough.'
	},
	blurred: {
		words: 'Out of focus',
		helps: 'For a hand that shakes, or a lens that is not sharp in time.',
		warning: 'Not where fine texture is the label: kinds of cloth, small print.'
	}
};

/** @param on views that are switched on */
export function summaryWords(on: readonly ViewName[]): string {
	if (on.length === 0) return 'Each photo is shown as it is, once.';
	const names = on.map((view) => viewWords[view].words.toLowerCase());
	const last = names.pop() ?? '';
	return `Each photo is shown as it is, and ${names.length > 0 ? `${names.join(', ')} and ` : ''}${last}.`;
}

/** @param on how many views are switched on */
export function costWords(on: number): string {
	if (on === 0) return 'Each one that you switch on is one more look at every photo.';
	const times = on === 1 ? 'twice' : `${on + 1} times`;
	return `Every photo is looked at ${times}: new photos and learning take about ${times} as long. What was looked at once is kept.`;
}
