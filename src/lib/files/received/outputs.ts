/** What a model answers with, as a file that was handed on tells; its graph is held against it before it runs. */
import * as v from 'valibot';
import type { OutputFacts } from '$lib/domain/card';
import type { Model } from '$lib/onnx/model';
import { decodeJson } from '../json';

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(1000));
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 20));
const schema = v.object({
	scores: v.object({ name, kind: v.picklist(['logits', 'probabilities']), skip: v.picklist([0, 1]) }),
	features: v.object({ name, dimension: count }),
	map: v.nullable(v.object({ name, channels: count, classifier: name }))
});

/** null where it tells nothing that fits the graph: they are found in it then. */
export function outputsIn(text: string | undefined, { graph }: Model): OutputFacts | null {
	if (text === undefined || text.length > 10_000) return null;
	try {
		const outputs = decodeJson(schema, text);
		const { scores, features, map } = outputs;
		const given = new Set(graph.output.map((output) => output.name));
		const constants = new Set(graph.initializer.map((tensor) => tensor.name));
		const isThere = given.has(scores.name) && given.has(features.name);
		if (!isThere) return null;
		return map && given.has(map.name) && constants.has(map.classifier) ? outputs : { ...outputs, map: null };
	} catch {
		return null;
	}
}
