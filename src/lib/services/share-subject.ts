/** What is shared of a project: its model, with all that its file says and is tried on. */
import type { BackboneCard } from '$lib/domain/card';
import { takingPart, type Dataset } from '$lib/domain/dataset';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { ModelFacts } from '$lib/domain/model-facts';
import type { Photo } from '$lib/domain/project';
import type { TrainedTail } from '$lib/domain/training';
import { Trouble } from '$lib/domain/trouble';
import { cardById } from './cards';
import type { Features } from './embed';
import { datasetOfLesson, type Lesson } from './lesson';
import type { Trainer } from './trainer';

/** What is shared, and what it is measured by. */
export interface Subject {
	name: string;
	model: Model;
	/** The labels' names as they are now, in the order of the model's. */
	labels: readonly string[];
	/** The run that made it; null of a model that went on learning since. */
	run: TrainingRun | null;
	/** Strength of the penalty; null: the usual one. */
	lambda: number | null;
	card: BackboneCard;
	/**
	 * Photos of its labels that were looked at, with what the app's own engine says of them: by the backbone as it came,
	 * whatever the model has learned in it.
	 */
	photos: readonly { photo: Photo; features: Float32Array }[];
	/** Photos or labels changed since it was judged. */
	stale: boolean;
	/** The project as it is now; null where fewer than two labels have photos. */
	dataset: Dataset | null;
}

interface Ground {
	lesson: Lesson | null;
	features: Features | null;
	model: Model | null;
	/** Of the model, and of the last one that was judged: its strength holds on. */
	run: TrainingRun | null;
	judged: TrainingRun | null;
	stale: boolean;
}

/**
 * @throws Trouble 'model-missing', or as the training worker, which tells what belongs together; AbortError
 */
export async function subjectOf(
	{ lesson, features, model, run, judged, stale }: Ground,
	trainer: Pick<Trainer, 'group'>,
	signal: AbortSignal
): Promise<Subject> {
	const card = cardById(model?.backbone.id ?? '');
	if (!model || !lesson || !card || !features)
		throw new Trouble('model-missing', 'There is no model to share yet. Train first.');
	const own = new Set(model.labels.map(({ id }) => id));
	const names = new Map(lesson.labels.map(({ id, name }) => [id, name]));
	const photos = takingPart(lesson.labels, lesson.photos).flatMap((photo) => {
		const found = features.of(photo.id, 'plain');
		return found && own.has(photo.labelId) ? [{ photo, features: found }] : [];
	});
	return {
		name: lesson.project.name,
		model,
		labels: model.labels.map(({ id, name }) => names.get(id) ?? name),
		run,
		lambda: judged?.strength?.chosen ?? null,
		card,
		photos,
		stale,
		dataset: await datasetOfLesson(lesson, features, { trainer, judged: true, signal })
	};
}

/** What a file says of a model. */
export function factsOf({
	name,
	model,
	labels,
	run,
	card,
	photos
}: Pick<Subject, 'name' | 'model' | 'labels' | 'run' | 'card' | 'photos'>): ModelFacts {
	const { evaluation } = run ?? {};
	const { gate, tail } = model;
	const learned = (labelId: string) =>
		run ? (run.photos[labelId] ?? 0) : photos.filter(({ photo }) => photo.labelId === labelId).length;
	return {
		format: 'lensmith-model',
		version: 1,
		name,
		created: model.created,
		app: `Lensmith ${APP_VERSION}`,
		labels: labels.map((label, index) => ({ name: label, photos: learned(model.labels[index]?.id ?? '') })),
		backbone: {
			...{ id: card.id, name: card.name, sha256: card.file.sha256 },
			...{ licence: card.licence, attribution: card.attribution, source: card.source }
		},
		crop: model.crop,
		precision: 'fp32',
		judgement: evaluation
			? {
					source: evaluation.source,
					photos: evaluation.photos,
					accuracy: evaluation.accuracy,
					calibrationError: evaluation.calibrationError
				}
			: null,
		// A gate that went on with a model was measured for the one before.
		strangers: gate && run && { kept: gate.kept, near: gate.near, ...(gate.far && { far: gate.far }) },
		measured: null,
		training: {
			...run?.config,
			...(run?.strength && { lambda: run.strength.chosen }),
			...(run && { engine: run.engine }),
			...(run?.share !== undefined && { share: run.share }),
			...(tail && { changedNumbers: numbersOf(tail) })
		}
	};
}

/** How many numbers of the network itself were learned. */
const numbersOf = (tail: TrainedTail) => [...tail.values()].reduce((sum, { data }) => sum + data.length, 0);
