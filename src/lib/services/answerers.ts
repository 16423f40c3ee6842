/** Who answers a frame: the network's own thousand classes, or a head that was learned here. */
import { answerOf } from '$lib/domain/answer';
import type { BackboneCard } from '$lib/domain/card';
import type { Model } from '$lib/domain/model';
import { SURE_FROM, taughtSureFrom } from '$lib/domain/prediction';
import { Trouble } from '$lib/domain/trouble';
import type { Crop } from '$lib/image/crop';
import type { Engine } from './engine';
import type { FeatureEngine } from './one-backbone';

type Source = VideoFrame | ImageBitmap;

interface Answered {
	/** [classes] */
	probabilities: Float32Array;
	/** false: it is like nothing that was taught. */
	familiar: boolean;
	/** Milliseconds: pixels to tensor, and the network's run. */
	preprocess: number;
	run: number;
}

export interface Answerer {
	/** The probability from which on an answer is named. */
	readonly sureFrom: number;
	/** `source` is transferred and closed. @throws Trouble */
	answer(source: Source, crop: Crop): Promise<Answered>;
	/** Resolves when there can be answers. @throws AbortError */
	whenReady(signal: AbortSignal): Promise<void>;
}

type Classifier = Pick<Engine, 'classify' | 'whenReady'>;

/** Labels that a model tells apart as those taught here do; of more, even the best is seldom likely. */
const MOST_FEW = 50;

/** @param card of what runs now; asked for each frame */
export function byBackbone(engine: Classifier, card: () => BackboneCard | null): Answerer {
	return {
		get sureFrom() {
			const current = card();
			if (!current) return SURE_FROM;
			const { taught, labels, outputs } = current;
			if (!taught && labels.count > MOST_FEW) return SURE_FROM;
			return taughtSureFrom(labels.count, Boolean(taught && outputs?.familiarity));
		},
		answer: (source, crop) => engine.classify(source, crop),
		whenReady: (signal) => engine.whenReady(signal)
	};
}

/** @param model the one that answers now, which is not fine-tuned; asked for each frame, since it goes on learning */
export function byModel(
	engine: Pick<FeatureEngine, 'observe' | 'whenReady'>,
	model: () => Model | null
): Answerer {
	return {
		get sureFrom() {
			const current = model();
			return taughtSureFrom(current?.labels.length ?? 2, Boolean(current?.gate));
		},
		async answer(source, crop) {
			const { features, preprocess, run } = await engine.observe(source, crop);
			const current = model();
			if (!current) throw new Trouble('model-missing', 'Nothing has been learned yet.');
			if (current.tail) throw otherNetwork();
			const { probabilities, above } = answerOf(current, features);
			return { probabilities, familiar: above >= 0, preprocess, run };
		},
		whenReady: (signal) => engine.whenReady(signal)
	};
}

/**
 * A model whose network was fine-tuned is answered by that network, any other by its head on the backbone's features.
 *
 * @param model the one that answers now; asked for each frame
 */
export function byNetworkOf(
	model: () => Model | null,
	{ tuned, backbone }: { tuned: Answerer; backbone: Answerer }
): Answerer {
	const current = () => (model()?.tail ? tuned : backbone);
	return {
		get sureFrom() {
			return current().sureFrom;
		},
		answer: (source, crop) => current().answer(source, crop),
		whenReady: (signal) => current().whenReady(signal)
	};
}

/** The network that ran is not the one of the model: whoever asked asks again. */
export const otherNetwork = () =>
	new Trouble('engine-restarting', 'The model has changed and is being made ready.');
