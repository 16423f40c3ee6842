/** A project's model as whoever it is shared with has it: one graph, run as any other network. */
import type { BackboneCard } from '$lib/domain/card';
import type { Model } from '$lib/domain/model';
import { ownId, ownSummary } from '$lib/domain/own-model';
import type { Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { readLiveModel, readModel, readRunOf } from '$lib/storage/models';
import { readProject } from '$lib/storage/projects';
import { cardById, readCards } from './cards';
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
	labels: readonly string[];
	stamp: string;
}

/** @throws Trouble 'own-gone', 'own-untaught', 'not-read' */
async function current(projectId: string): Promise<Current> {
	const project = await readProject(projectId);
	if (!project || project.trashed !== null)
		throw new Trouble('own-gone', 'The project whose model was in use is not here any more.');
	const [judged, live] = await Promise.all([
		project.modelId === null ? null : readModel(project.modelId),
		readLiveModel(projectId)
	]);
	// What has gone on learning since answers in the project, too.
	const model = live && (!judged || live.created > judged.created) ? live : judged;
	if (!model) throw new Trouble('own-untaught', `“${project.name}” has not learned anything yet.`);
	const names = new Map(project.labels.map(({ id, name }) => [id, name]));
	const labels = model.labels.map(({ id, name }) => names.get(id) ?? name);
	if (!cardById(model.backbone.id)) await readCards();
	const ground = cardById(model.backbone.id) !== undefined;
	const stamp = JSON.stringify([project.name, model.id, model.created, labels, ground]);
	return { project, model, labels, stamp };
}

/** What its model would be told apart by now; null where there is none. */
export async function stampOf(projectId: string): Promise<string | null> {
	return (await current(projectId).catch(() => null))?.stamp ?? null;
}

/** @throws Trouble 'own-gone', 'own-untaught', 'own-network', or of what it takes; AbortError */
export async function makeOwn(
	parts: AssemblyParts,
	projectId: string,
	signal: AbortSignal
): Promise<OwnModel> {
	const { project, model, labels, stamp } = await current(projectId);
	const ground = cardById(model.backbone.id);
	if (!ground)
		throw new Trouble(
			'own-network',
			`“${project.name}” was taught on a model that is not on this device, so it cannot be used.`
		);
	const run = model.id === project.modelId ? await readRunOf(model.id) : null;
	const facts = factsOf({ name: project.name, model, labels, run, card: ground, photos: [] });
	const backbone = await parts.openBackbone(ground.file);
	const input = { backbone, card: ground, model, facts, precision: 'fp32' } as const;
	const { bytes, card } = await assembled(parts, input, signal);
	const names = new TextEncoder().encode(JSON.stringify(labels));
	const [url, labelsUrl] = ['model', 'labels'].map((part) => `made:${ownId(projectId)}/${part}`) as [
		string,
		string // of two
	];
	return {
		stamp,
		files: new Map([
			[url, bytes.buffer],
			[labelsUrl, names.buffer]
		]),
		card: {
			...{ id: ownId(projectId), name: project.name, summary: ownSummary(project), delivery: 'own' },
			...{ source: ground.source, licence: ground.licence, attribution: ground.attribution },
			file: { url, sha256: '', bytes: bytes.length },
			labels: { url: labelsUrl, sha256: '', bytes: names.length, count: labels.length },
			...{ ...card, cuts: [], taught: facts }
		}
	};
}
