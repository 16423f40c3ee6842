/** From a project's photos and their features to what a training run takes. */
import type { Label, Photo, Project } from './project';
import type { TrainingSet } from './training';
import type { View, ViewName } from './view';

export interface Dataset {
	/** Labels that take part, in the project's order; indices everywhere else are into it. */
	labels: readonly Label[];
	/** Ids of the photos in the order of each set's rows. */
	photoIds: readonly string[];
	set: TrainingSet;
	/** Photos that the person set aside as a test, never trained on; null without. */
	test: { photoIds: readonly string[]; set: TrainingSet } | null;
	/** Photos that are not learned from because a test photo shows nearly the same. */
	withheld: number;
}

/** What the backbone says of photos. */
export interface Vectors {
	/** [dimension]; null until it was computed. */
	of(photoId: string, view: View): Float32Array | null;
}

/** Photos that take part: not thrown away, of labels that are there and on. */
export function takingPart(labels: readonly Label[], photos: readonly Photo[]): Photo[] {
	const on = new Set(labels.filter(({ off, trashed }) => !off && trashed === null).map(({ id }) => id));
	return photos.filter(({ labelId, trashed }) => trashed === null && on.has(labelId));
}

/**
 * Photos that take part and have been looked at.
 *
 * @param photos of the project, also those that take no part
 * @param views that are learned from beside the photos as they are
 */
export function knownPhotos(
	labels: readonly Label[],
	photos: readonly Photo[],
	vectors: Vectors,
	views: readonly ViewName[]
): Photo[] {
	const needed: readonly View[] = ['plain', ...views];
	return takingPart(labels, photos).filter(({ id }) => needed.every((view) => vectors.of(id, view)));
}

/** What tells which photos belong together. Plain data, to be compared by a worker. */
export interface Comparison {
	photos: readonly { burstId: string; hash: string }[];
	/** [photos, dimension] */
	features: Float32Array<ArrayBuffer>;
}

export function comparisonOf(known: readonly Photo[], vectors: Vectors): Comparison {
	return {
		photos: known.map(({ burstId, hash }) => ({ burstId, hash })),
		features: matrix(known, vectors, 'plain')
	};
}

/**
 * @param known as `knownPhotos` gives them
 * @param groups [photos] number of each one's group (`trainingGroups`)
 * @returns null where fewer than two labels have a photo to learn from
 */
export function datasetOf(
	labels: readonly Label[],
	known: readonly Photo[],
	groups: Int32Array,
	vectors: Vectors,
	views: readonly ViewName[]
): Dataset | null {
	const groupOf = new Map(known.map(({ id }, i) => [id, groups[i] ?? 0]));
	const tested = new Set(known.filter(({ split }) => split === 'test').map(({ id }) => groupOf.get(id)));
	// The twin of a test photo must not be learned from either.
	const learned = known.filter(({ id }) => !tested.has(groupOf.get(id)));
	const used = labels.filter(({ id }) => learned.some(({ labelId }) => labelId === id));
	if (used.length < 2) return null;
	const indexOf = new Map(used.map(({ id }, index) => [id, index]));
	const test = known.filter(({ split, labelId }) => split === 'test' && indexOf.has(labelId));
	const part = (rows: readonly Photo[], views: readonly ViewName[]) => ({
		photoIds: rows.map(({ id }) => id),
		set: {
			features: matrix(rows, vectors, 'plain'),
			augmented: views.map((view) => matrix(rows, vectors, view)),
			dimension: dimensionOf(rows, vectors, 'plain'),
			targets: Int32Array.from(rows, ({ labelId }) => indexOf.get(labelId) ?? 0),
			classes: used.length,
			groups: Int32Array.from(rows, ({ id }) => groupOf.get(id) ?? 0)
		}
	});
	return {
		...part(learned, views),
		labels: used,
		test: test.length > 0 ? part(test, []) : null,
		withheld: known.length - learned.length - known.filter(({ split }) => split === 'test').length
	};
}

/**
 * Stands for what `datasetOf` takes, much cheaper: the same photos under the same labels give the same mark, and
 * others another one, but for one case in 2⁵³.
 */
export function markOf(
	labels: readonly Label[],
	photos: readonly Photo[],
	vectors: Vectors,
	views: readonly ViewName[]
): string {
	const hash = new Hash();
	for (const { id, off, trashed } of labels) if (!off && trashed === null) hash.add(id);
	hash.add(views.join(' '));
	for (const { id, labelId, split } of knownPhotos(labels, photos, vectors, views))
		hash.add(`${id} ${labelId} ${split}`);
	return hash.digits;
}

/** The same as if all photos had been looked at. @param photos in the order they were added */
export function markOfAll(
	{ labels, views }: Pick<Project, 'labels' | 'views'>,
	photos: readonly Photo[]
): string {
	return markOf(labels, photos, everything, views);
}

const everything: Vectors = { of: () => new Float32Array() };

/** cyrb53, 53 bits (github.com/bryc/code, public domain); each word that is added counts with its end. */
class Hash {
	#high = 0xdeadbeef;
	#low = 0x41c6ce57;

	add(word: string): void {
		for (let i = 0; i <= word.length; i++) {
			const code = i < word.length ? word.charCodeAt(i) : 0;
			this.#high = Math.imul(this.#high ^ code, 2654435761);
			this.#low = Math.imul(this.#low ^ code, 1597334677);
		}
	}

	get digits(): string {
		const mix = (a: number, b: number) =>
			Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
		const high = mix(this.#high, this.#low);
		const low = mix(this.#low, high);
		return ((high & 0x1fffff) * 2 ** 32 + (low >>> 0)).toString(16).padStart(14, '0');
	}
}

const dimensionOf = (rows: readonly Photo[], vectors: Vectors, view: View) =>
	rows[0] ? (vectors.of(rows[0].id, view)?.length ?? 0) : 0;

function matrix(rows: readonly Photo[], vectors: Vectors, view: View): Float32Array<ArrayBuffer> {
	const dimension = dimensionOf(rows, vectors, view);
	const out = new Float32Array(rows.length * dimension);
	for (const [i, { id }] of rows.entries()) out.set(vectors.of(id, view) ?? [], i * dimension);
	return out;
}
