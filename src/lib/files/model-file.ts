/**
 * A model as one .onnx file that runs anywhere: the backbone's graph with the head on it, what is needed to feed it
 * and to read its answers as metadata. Keys: onnx/docs/MetadataProps.md for the picture, `names`, `imgsz`, `task` and
 * the rest as Ultralytics writes them, and one of our own with the model's card.
 */
import type { BackboneCard } from '$lib/domain/card';
import type { Model } from '$lib/domain/model';
import type { ModelFacts, Precision } from '$lib/domain/model-facts';
import { assemble, fileOf } from '$lib/onnx/assemble';
import { setPrecision } from '$lib/onnx/precision';
import { replaceConstants } from '$lib/onnx/replace';
import { CARD_KEY } from './model-layout';

export interface ModelFileInput {
	/** The backbone's own file. */
	backbone: ArrayBuffer;
	card: BackboneCard;
	/** With a tail, its numbers take the place of the backbone's own. */
	model: Pick<Model, 'head' | 'gate' | 'tail'>;
	facts: ModelFacts;
	precision: Precision;
}

export interface ModelFile {
	bytes: Uint8Array<ArrayBuffer>;
	/** How to run it; without what only its place tells (file and labels). */
	card: Pick<BackboneCard, 'input' | 'outputs'>;
}

/** @throws Trouble as `replaceConstants`, `assemble` and `setPrecision`; RangeError where the tail is of another network */
export function writeModelFile({ backbone, card, model, facts, precision }: ModelFileInput): ModelFile {
	const { head, gate, tail } = model;
	const own = new Uint8Array(backbone);
	const made = assemble({ bytes: tail ? replaceConstants(own, tail) : own, card, head, gate });
	setPrecision(made.model, precision);
	return {
		bytes: fileOf(made.model, metadataOf({ ...facts, precision }, model, card)),
		card: { input: made.input, outputs: made.outputs }
	};
}

function metadataOf(
	facts: ModelFacts,
	{ head, gate }: Pick<Model, 'head' | 'gate'>,
	{ input }: BackboneCard
): Record<string, string> {
	const { layers, normalise, temperature } = head;
	const parts = {
		head: { normalise, temperature, activations: layers.map(({ activation }) => activation) },
		gate: gate && {
			...{ neighbours: gate.neighbours, similarity: gate.similarity, energy: gate.energy },
			...{ threshold: gate.threshold, kept: gate.kept, near: gate.near, far: gate.far }
		}
	};
	return {
		'Image.BitmapPixelFormat': 'Rgb8',
		'Image.NominalPixelRange': 'Normalized_0_1',
		'Image.ColorSpaceGamma': 'SRGB',
		names: JSON.stringify(Object.fromEntries(facts.labels.map(({ name }, index) => [index, name]))),
		imgsz: JSON.stringify([input.size, input.size]),
		task: 'classify',
		description: `${facts.name}: an image classifier taught with Lensmith`,
		author: facts.app,
		date: new Date(facts.created).toISOString(),
		version: String(facts.version),
		license: facts.backbone.licence,
		[CARD_KEY]: JSON.stringify({ ...facts, parts })
	};
}
