/** What the open project gives to learn from, made ready for the training worker. */
import { countLabels, type LabelCount } from '$lib/domain/advice';
import {
	comparisonOf,
	datasetOf,
	knownPhotos,
	markOf,
	markOfAll,
	takingPart,
	type Dataset,
	type Vectors
} from '$lib/domain/dataset';
import type { BackboneCard } from '$lib/domain/card';
import type { Label, Photo, Project } from '$lib/domain/project';
import { sha256OfId } from '$lib/domain/received';
import type { Foreign } from '$lib/domain/training';
import { Trouble } from '$lib/domain/trouble';
import { foreignOf } from '$models/foreign';
import { cardById, isInTrash, readCards } from './cards';
import { newId } from './new-id';
import type { Circumstances } from './train';
import type { Trainer } from './trainer';

export interface Lesson {
	project: Project;
	labels: readonly Label[];
	photos: readonly Photo[];
}

/** What is there to learn from, by label: without photos of the person's own test. */
export function countsOfLesson({ labels, photos }: Lesson): LabelCount[] {
	const learned = takingPart(labels, photos).filter(({ split }) => split !== 'test');
	return countLabels(
		labels.filter(({ off }) => !off),
		learned
	);
}

/** Why nothing can be learned; null where the network is known. @throws Trouble 'not-read' */
export async function unknownBackbone({ backboneId }: Project): Promise<string | null> {
	// Another tab may have brought it.
	if (!cardById(backboneId)) await readCards();
	const card = cardById(backboneId);
	// A network without knowledge tells nothing of a photo.
	return card && card.delivery !== 'made' ? null : networkWords(backboneId);
}

/** What is said where a project's network is not here. */
function networkWords(backboneId: string): string {
	const sha256 = sha256OfId(backboneId);
	if (isInTrash(backboneId))
		return 'This project was taught on a model that is in the trash. Take it back on the Models page to go on; the photos are safe.';
	if (sha256)
		return `This project was taught on a model from a file that is not on this device (fingerprint ${sha256.slice(0, 8)}). Open that file on the Models page to go on; the photos are safe.`;
	return 'This project was taught with a network that this version does not know. Update Lensmith to go on with it; the photos are safe.';
}

/** What a mark was made of, to tell whether it still holds. */
type Marked = [labels: readonly Label[], photos: readonly Photo[], views: Project['views'], changes: number];

/** The last mark of each: asked for at every turn, and thousands of photos take a while to read through. */
const marks = new WeakMap<Vectors, { of: Marked; mark: string }>();

/** Stands for what is learned from (see `markOf`). @param features with a number that tells when they changed */
export function markOfLesson(
	{ project, labels, photos }: Lesson,
	features: Vectors & { readonly changes: number }
): string {
	const of: Marked = [labels, photos, project.views, features.changes];
	const last = marks.get(features);
	if (last?.of.every((part, i) => part === of[i])) return last.mark;
	const mark = markOf(labels, photos, features, project.views);
	marks.set(features, { of, mark });
	return mark;
}

/** The mark once every photo has been looked at, of which some may still have to be. */
export function markOfWhole({ project, labels, photos }: Lesson): string {
	return markOfAll({ labels, views: project.views }, photos);
}

/** Whether every photo that was looked at was so in each view: else a label could be forgotten. */
export function hasAllViews({ project, labels, photos }: Lesson, features: Vectors): boolean {
	const looked = knownPhotos(labels, photos, features, []);
	return knownPhotos(labels, photos, features, project.views).length === looked.length;
}

/**
 * @param judged the model is going to be judged
 * @returns null where fewer than two labels have a photo to learn from
 * @throws AbortError; Trouble of the training worker, which tells what belongs together
 */
export async function datasetOfLesson(
	{ project, labels, photos }: Lesson,
	features: Vectors,
	{ trainer, judged, signal }: { trainer: Pick<Trainer, 'group'>; judged: boolean; signal: AbortSignal }
): Promise<Dataset | null> {
	const known = knownPhotos(labels, photos, features, project.views);
	// Without a judgement only photos that show what a test photo shows must be known.
	const compared = judged || known.some(({ split }) => split === 'test');
	const groups = compared
		? await trainer.group(comparisonOf(known, features), { signal })
		: Int32Array.from(known.keys());
	const dataset = datasetOf(labels, known, groups, features, project.views);
	// Only a judged model gets a gate of its own.
	const card = cardById(project.backboneId);
	const foreign = dataset && judged && card ? await foreignPhotos(card) : null;
	return dataset && foreign ? { ...dataset, set: { ...dataset.set, foreign } } : dataset;
}

/** A part of the app that is loaded when it is wanted first. @throws Trouble 'foreign-missing' */
async function foreignPhotos(card: BackboneCard): Promise<Foreign | null> {
	try {
		return await foreignOf(card);
	} catch (cause) {
		throw new Trouble(
			'foreign-missing',
			'A part of the app that training needs could not be loaded. Nothing was changed. Reload the page and train again.',
			{ cause }
		);
	}
}

/** @throws Trouble 'backbone-unknown' */
export function circumstancesOf({ project }: Lesson, from: string, now: number): Circumstances {
	const card = cardById(project.backboneId);
	if (!card) throw new Trouble('backbone-unknown', networkWords(project.backboneId));
	return {
		projectId: project.id,
		backbone: { sha256: card.file.sha256, id: card.id },
		crop: project.crop,
		from,
		now,
		newId
	};
}
