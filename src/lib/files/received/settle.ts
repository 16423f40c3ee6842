/**
 * A received model as it is kept: its graph written anew of what was read and nothing else, with what the person was
 * asked in its metadata, so that it can be handed on and is told apart from the same graph answered otherwise. Judged
 * as it will be loaded and fed.
 */
import type { OutputFacts } from '$lib/domain/card';
import type { Answers, Received } from '$lib/domain/received';
import { Trouble } from '$lib/domain/trouble';
import { checkGraph } from '$lib/onnx/check';
import { exposeOutputs } from '$lib/onnx/expose';
import { setMetadata } from '$lib/onnx/facts';
import { prune } from '$lib/onnx/graph';
import { type Model, readModel, writeModel } from '$lib/onnx/model';
import { dropDictionaries } from '$lib/onnx/rewrite';
import { product } from '$lib/onnx/tensor';
import { sha256Of } from '../hash';
import { OUTPUTS_KEY, PICTURE_KEY } from '../model-layout';
import { LICENCE_UNSTATED, settled } from './received';

export interface Settled {
	/** What is kept, and what runs. */
	onnx: Uint8Array<ArrayBuffer>;
	sha256: string;
	/** Without a map where the graph has none that fits; null where they are found when it is loaded. */
	outputs: OutputFacts | null;
}

/** @throws Trouble of `checkGraph`, `exposeOutputs`; 'model-unsuitable', 'not-secure' */
export async function settleReceived({
	received,
	answers
}: {
	received: Received;
	answers: Answers;
}): Promise<Settled> {
	const { outputs } = received;
	const model = readModel(received.onnx);
	dropDictionaries(model);
	// What a stranger says of sizes need not be so.
	model.graph.valueInfo = [];
	if (outputs) keepOutputs(model, outputs);
	if (received.kind !== 'lensmith') tell(model, received, answers);
	const onnx = writeModel(model);
	const checked = check(onnx, outputs, received, answers);
	return { onnx, sha256: await sha256Of(onnx), outputs: checked };
}

function keepOutputs({ graph }: Model, { scores, features, map, familiarity }: OutputFacts): void {
	const wanted = new Set([scores.name, features.name, map?.name, familiarity?.name]);
	graph.output = graph.output.filter(({ name }) => wanted.has(name));
	prune(graph);
}

/** Keys as in `files/model-file`. */
function tell(model: Model, received: Received, answers: Answers): void {
	const { layout, size, range } = settled(received, answers);
	setMetadata(model, {
		// What no graph tells comes first, so that it stays where it is when the file is settled once more.
		...(received.kind === 'teachable' && origin(received)),
		names: JSON.stringify(Object.fromEntries(answers.labels.entries())),
		imgsz: JSON.stringify([size, size]),
		task: 'classify',
		[PICTURE_KEY]: JSON.stringify({ layout, size, ...range }),
		...(received.outputs && { [OUTPUTS_KEY]: JSON.stringify(received.outputs) })
	});
}

function origin({ attribution, source, licence }: Received): Record<string, string> {
	const isStated = licence !== LICENCE_UNSTATED;
	return { author: attribution, description: source, ...(isStated && { license: licence }) };
}

function check(
	onnx: Uint8Array,
	outputs: OutputFacts | null,
	received: Received,
	answers: Answers
): OutputFacts | null {
	const { layout, size } = settled(received, answers);
	const classes = answers.labels.length;
	const exposed = outputs ? { bytes: onnx, outputs } : exposeOutputs(onnx, classes);
	const { scores, features, map, familiarity } = exposed.outputs;
	const checked = checkGraph(readModel(exposed.bytes), { size, layout });
	const dims = new Map(checked.outputs.map((output) => [output.name, output.dims]));
	const sizeOf = (name: string) => product(dims.get(name) ?? [0]);
	const expected: readonly (readonly [string | undefined, number])[] = [
		[scores.name, scores.skip + classes],
		[features.name, features.dimension],
		[familiarity?.name, 1]
	];
	for (const [name, count] of expected)
		if (name !== undefined && sizeOf(name) !== count) throw unsuitable(name, sizeOf(name), count);
	const mapDims = map ? dims.get(map.name) : undefined;
	const sees = mapDims?.length === 4 && mapDims[1] === map?.channels;
	return outputs && { ...outputs, map: sees ? map : null };
}

const unsuitable = (name: string, given: number, wanted: number) =>
	new Trouble(
		'model-unsuitable',
		`This network cannot be used here: it gives ${given} numbers as “${name.slice(0, 60)}” where ${wanted} belong.`
	);
