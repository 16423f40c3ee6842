/** Whether a received model's graph may be run: as it will be loaded, fed what it will be fed. */
import type { OutputFacts } from '$lib/domain/card';
import { Trouble } from '$lib/domain/trouble';
import { checkGraph } from '$lib/onnx/check';
import { exposeOutputs } from '$lib/onnx/expose';
import { readModel } from '$lib/onnx/model';
import { product } from '$lib/onnx/tensor';

export interface CheckInput {
	onnx: Uint8Array;
	/** As the file tells; null: found in the graph. */
	outputs: OutputFacts | null;
	/** How many labels it has. */
	classes: number;
	layout: 'NCHW' | 'NHWC';
	/** Side of its picture in pixels. */
	size: number;
}

/**
 * @returns its outputs, without a map where the graph has none that fits; null where they are found when it is loaded
 * @throws Trouble of `checkGraph`, `exposeOutputs`; 'model-unsuitable'
 */
export function checkReceived({ onnx, outputs, classes, layout, size }: CheckInput): {
	outputs: OutputFacts | null;
} {
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
		if (name !== undefined && sizeOf(name) !== count)
			throw new Trouble(
				'model-unsuitable',
				`This network cannot be used here: it gives ${sizeOf(name)} numbers as “${name.slice(0, 60)}” where ${count} belong.`
			);
	const mapDims = map ? dims.get(map.name) : undefined;
	const sees = mapDims?.length === 4 && mapDims[1] === map?.channels;
	return { outputs: outputs && { ...outputs, map: sees ? map : null } };
}
