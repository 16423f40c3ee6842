/** A model and the run that made it: plain data, as stored. */
import type { Crop } from './crop';
import type { Head } from './head';
import type { Estimate, Evaluation } from './evaluation';
import type { Epoch, StrangerGate, TrainedTail, TrainingConfig } from './training';

export interface Model {
	id: string;
	projectId: string;
	/** Milliseconds since 1970. */
	created: number;
	/** What the features come from: the file's SHA-256, and its id on the shelf. */
	backbone: { sha256: string; id: string };
	crop: Crop;
	/** In the order of the head's logits; names as they were then, shown names come from the project. */
	labels: readonly { id: string; name: string }[];
	head: Head;
	/**
	 * What the backbone's own layers learned, where they were trained too: the head and the gate are then on features of
	 * the network with these numbers in it, not on those of the backbone as it came.
	 */
	tail?: TrainedTail;
	gate: StrangerGate | null;
	/** Of one that goes on learning: what it was learned from (`markOf` in domain/dataset). */
	from?: string;
}

/** Bytes of a model's numbers. */
export function bytesOfModel({ head, gate, tail }: Pick<Model, 'head' | 'gate' | 'tail'>): number {
	const numbers = [
		...head.layers.flatMap(({ weights, bias }) => [weights, bias]),
		...(gate ? [gate.bank, gate.foreign] : []),
		...Array.from(tail?.values() ?? [], ({ data }) => data)
	];
	return numbers.reduce((sum, list) => sum + (list?.byteLength ?? 0), 0);
}

/**
 * Which of a project's models answers: the one that was trained and judged, or the one that has gone on learning since.
 *
 * @param judgedFrom what the first was learned from; null where its run is not known
 * @param mark of what there is to learn from now (`markOf` in domain/dataset); '' while that is not known
 */
export function answering(
	{ judged, judgedFrom, live }: { judged: Model | null; judgedFrom: string | null; live: Model | null },
	mark: string
): Model | null {
	const stale = judgedFrom !== null && mark !== '' && judgedFrom !== mark;
	if (!live || (judged && !stale)) return judged;
	if (live.from === mark) return live;
	return judged && judged.created > live.created ? judged : live;
}

/** One press of Train. Kept for good: configuration, curves, result. */
export interface TrainingRun {
	id: string;
	projectId: string;
	started: number;
	/** Milliseconds it took, features not counted. */
	time: number;
	config: TrainingConfig;
	/** What it learned from (`markOf` in domain/dataset): the same again has nothing new in it. */
	from: string;
	/** Photos of each label that took part, by label id. */
	photos: Readonly<Record<string, number>>;
	/** Photos that took no part because a photo of the person's own test shows nearly the same. */
	withheld: number;
	state: 'done' | 'failed' | 'stopped';
	/** Why it failed, in words; '' otherwise. */
	trouble: string;
	epochs: readonly Epoch[];
	/** Of a network that was trained: epochs that the network took which is kept. */
	taken?: number;
	/** … and how much of what that learned was kept, 0..1; absent of a run from before this was chosen. */
	share?: number;
	strength: { chosen: number; path: readonly { lambda: number; logLoss: number }[] } | null;
	engine: string;
	/** null where it failed or was stopped, and where its model is not here any more. */
	modelId: string | null;
	/** Bytes of the model that it made; absent where that is not known. */
	modelBytes?: number;
	/** null where there were too few photos to judge. */
	evaluation: Evaluation | null;
	/** Of a network that was trained: by how much it is better than the head on photos that neither had seen; null where too few. */
	gain?: Estimate | null;
}
