/** A trained network as it will be used: put together, it must say of photos what it said where it was trained. */
import type { Model } from '$lib/domain/model';
import { nearly } from '$lib/domain/nearly';
import type { Photo } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { lookAt } from './look-at';
import { forBackbone } from './one-backbone';
import type { OwnModel } from './own-model';
import type { TrunkParts } from './trunk';

export interface TogetherParts extends Pick<TrunkParts, 'engineFor'> {
	/** Puts a model together. */
	make(model: Model, signal: AbortSignal): Promise<Pick<OwnModel, 'card' | 'files'>>;
}

/** Largest difference of a feature, as a share of the largest: it was trained on halves, and a GPU rounds in its own way. */
const TOLERANCE = 0.02;

/** What says that the network itself cannot answer as it did. */
const ofNetwork = /^(self-test-failed|onnx-.*)$/;

/**
 * That it cannot be tried (no memory, a photo that is gone) says nothing of the network, which is not given up for it.
 *
 * @param trained photos, and what training said of the first of them: `features` [some, dimension]
 * @throws Trouble 'finetune-differs'; AbortError
 */
export async function checkTogether(
	parts: TogetherParts,
	model: Model,
	{ photos, features }: { photos: readonly (Photo | undefined)[]; features: Float32Array },
	signal: AbortSignal
): Promise<void> {
	const untried = unlessTold(signal);
	const made = await parts.make(model, signal).catch(untried);
	const dimension = made?.card.outputs?.features.dimension;
	if (!made || !dimension) return;
	const engine = await parts.engineFor(made.card, made.files).catch(untried);
	if (!engine) return;
	const alone = forBackbone(engine, () => made.card.id);
	try {
		for (let i = 0; i < features.length / dimension; i++) {
			signal.throwIfAborted();
			const photo = photos[i];
			const look = { crop: model.crop, views: ['plain'], signal } as const;
			const said = photo && (await lookAt(alone, photo, look).catch(untried));
			const expected = features.subarray(i * dimension, (i + 1) * dimension);
			if (said?.[0] && !nearly(expected, said[0], TOLERANCE)) throw differs();
		}
	} finally {
		engine.stop();
	}
}

/** @returns null of what says nothing of the network */
const unlessTold = (signal: AbortSignal) => (cause: unknown) => {
	signal.throwIfAborted();
	if (cause instanceof Trouble && ofNetwork.test(cause.code)) throw differs(cause);
	return null;
};

const differs = (cause?: unknown) =>
	new Trouble(
		'finetune-differs',
		'The trained network answers otherwise where it is used than where it was trained, so it was not kept. The model before it stays. Train the head on this network instead, or the layers of another one.',
		{ cause }
	);
