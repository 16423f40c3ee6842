/** A project's model as whoever it is shared with has it: one graph, run as any other network. */
import type { BackboneCard } from '$lib/domain/card';
import { markOf, markOfAll } from '$lib/domain/dataset';
import { liveLabels } from '$lib/domain/edits';
import { answering, type Model, type TrainingRun } from '$lib/domain/model';
import { ownId, ownSummary } from '$lib/domain/own-model';
import type { Photo, Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { listRuns, readLiveModel, readModel, readRunOf } from '$lib/storage/models';
import { listPhotos } from '$lib/storage/photos';
import { readProject } from '$lib/storage/projects';
import { cardById, readCards } from './cards';
import { keptFeatures } from './embed';
import { assembled, type AssemblyParts } from './share-model';
import { factsOf } from './share-subject';

export interface OwnModel {
	card: BackboneCard;
	/** By their addresses. */
	files: ReadonlyMap<string, ArrayBuffer>;
	/** Another one where the project's model, or what its labels are called, is another. */
	stamp: string;
}

interface Current {
	project: Project;
	model: Model;
	/** That made it; null of one that has gone on learning since. */
	run: TrainingRun | null;
	labels: readonly string[];
	stamp: string;
}

/** @throws Trouble 'own-gone', 'own-untaught', 'not-read' */
async function current(projectId: string): Promise<Current> {
	const project = await readProject(projectId);
	if (!project || project.trashed !== null)
		throw new Trouble('own-gone', 'The project whose model was in use is not here any more.');
	const { modelId } = project;
	if (!cardById(project.backboneId)) await readCards();
	const [judged, run, live, photos] = await Promise.all([
		modelId === null ? null : readModel(modelId),
		modelId === null ? null : runOf(projectId, modelId),
		readLiveModel(projectId),
		listPhotos(projectId)
	]);
	const judgedFrom = run?.from ?? null;
	const froms = [judgedFrom, live?.from];
	const backbone = looksWith(project, judged ?? live);
	const mark = await markOfKept(project, photos, { froms, backbone });
	const model = answering({ judged, judgedFrom, live }, mark);
	if (!model) throw new Trouble('own-untaught', `“${project.name}” has not learned anything yet.`);
	const names = new Map(project.labels.map(({ id, name }) => [id, name]));
	const labels = model.labels.map(({ id, name }) => names.get(id) ?? name);
	if (!cardById(model.backbone.id)) await readCards();
	const ground = cardById(model.backbone.id) !== undefined;
	const stamp = JSON.stringify([project.name, model.id, model.created, labels, ground]);
	return { project, model, run: model === judged ? run : null, labels, stamp };
}

/** SHA-256 of the network whose features tell which photos were looked at: one that was trained from scratch looked at none. */
function looksWith({ backboneId }: Project, model: Model | null): string {
	const made = model !== null && cardById(model.backbone.id)?.delivery === 'made';
	return (made ? cardById(backboneId)?.file : model?.backbone)?.sha256 ?? '';
}

/**
 * Of what there is to learn from: as the project's own screen has it, without photos that could not be looked at.
 *
 * @param froms what models were learned from: where one is of all photos, none has to be looked up
 */
async function markOfKept(
	project: Project,
	photos: readonly Photo[],
	{ froms, backbone }: { froms: readonly (string | null | undefined)[]; backbone: string }
): Promise<string> {
	const [labels, { views }] = [liveLabels(project), project];
	const whole = markOfAll({ labels, views }, photos);
	return froms.includes(whole) ? whole : markOf(labels, photos, await keptFeatures(project, backbone), views);
}

/** Of a model with too few photos to be judged it is not in the index. */
async function runOf(projectId: string, modelId: string): Promise<TrainingRun | null> {
	const judged = await readRunOf(modelId);
	return judged ?? (await listRuns(projectId)).find((run) => run.modelId === modelId) ?? null;
}

/** What its model would be told apart by now; null where there is none. */
export async function stampOf(projectId: string): Promise<string | null> {
	return (await current(projectId).catch(() => null))?.stamp ?? null;
}

/** @throws Trouble 'own-gone', 'own-untaught', or as `ownOf`; AbortError */
export async function makeOwn(
	parts: AssemblyParts,
	projectId: string,
	signal: AbortSignal
): Promise<OwnModel> {
	const { stamp, ...made } = await current(projectId);
	return { stamp, ...(await ownOf(parts, made, signal)) };
}

/**
 * The same of a model that is at hand.
 * @throws Trouble 'own-network', or of what it takes; AbortError
 */
export async function ownOf(
	parts: AssemblyParts,
	{ project, model, run, labels }: Omit<Current, 'stamp'>,
	signal: AbortSignal
): Promise<Omit<OwnModel, 'stamp'>> {
	const ground = cardById(model.backbone.id);
	if (!ground)
		throw new Trouble(
			'own-network',
			`“${project.name}” was taught on a model that is not on this device, so it cannot be used.`
		);
	const facts = factsOf({ name: project.name, model, labels, run, card: ground, photos: [] });
	const backbone = await parts.openBackbone(ground.file);
	const input = { backbone, card: ground, model, facts, precision: 'fp32' } as const;
	const { bytes, card } = await assembled(parts, input, signal);
	const names = new TextEncoder().encode(JSON.stringify(labels));
	const [url, labelsUrl] = ['model', 'labels'].map((part) => `made:${ownId(project.id)}/${part}`) as [
		string,
		string // of two
	];
	return {
		files: new Map([
			[url, bytes.buffer],
			[labelsUrl, names.buffer]
		]),
		card: {
			...{ id: ownId(project.id), name: project.name, summary: ownSummary(project), delivery: 'own' },
			...{ source: ground.source, licence: ground.licence, attribution: ground.attribution },
			file: { url, sha256: '', bytes: bytes.length },
			labels: { url: labelsUrl, sha256: '', bytes: names.length, count: labels.length },
			...{ ...card, cuts: [], taught: facts }
		}
	};
}
