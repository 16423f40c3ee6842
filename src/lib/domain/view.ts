/**
 * Ways to look at a photo. Besides as it is, it can be learned from once more as the world might have shown it:
 * that helps where a label stays right, and harms where it does not.
 */
export const VIEWS = [
	'mirrored',
	'rotated',
	'cropped',
	'brightness',
	'contrast',
	'noisy',
	'blurred'
] as const;

/** A photo changed. Part of the key that features are kept under: a name never gets another meaning. */
export type ViewName = (typeof VIEWS)[number];
export type View = 'plain' | ViewName;

/** What is learned from beside the photos as they are. */
export const viewPhotos: Record<ViewName, string> = {
	mirrored: 'mirror images',
	rotated: 'tilted photos',
	cropped: 'cropped photos',
	brightness: 'lighter and darker photos',
	contrast: 'photos of other contrast',
	noisy: 'noisy photos',
	blurred: 'blurred photos'
};
