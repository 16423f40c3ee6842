/** A model as it lies in a project file: facts as JSON, numbers in files that are named after their SHA-256. */
import type * as v from 'valibot';
import type { Model } from '$lib/domain/model';
import { bytesOfFloats } from './floats';
import { sha256Of } from './hash';
import { floatsPath, MOST_FLOATS, MOST_TENSORS } from './project-layout';
import type { model as modelSchema } from './project-schema';
import { packTail } from './project-tail';

interface PackedModel {
	json: string;
	/** By path. */
	numbers: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** null where its numbers are none, or more than a reader takes. */
export async function packModel({
	id: _,
	projectId: _project,
	...model
}: Model): Promise<PackedModel | null> {
	const { head, gate, tail, ...rest } = model;
	if ((tail?.size ?? 0) > MOST_TENSORS) return null;
	const packed = tail && tail.size > 0 ? packTail(tail) : null;
	const numbers = new Map<string, Uint8Array<ArrayBuffer>>();
	let sound = true;
	const kept = async (values: Float32Array) => {
		sound &&= values.length <= MOST_FLOATS && values.every(Number.isFinite);
		const bytes = bytesOfFloats(values);
		const sha256 = await sha256Of(bytes);
		numbers.set(floatsPath(sha256), bytes);
		return { sha256, length: values.length };
	};
	const layers = [];
	for (const { weights, bias, activation } of head.layers)
		layers.push({ weights: await kept(weights), bias: await kept(bias), activation });
	const { bank, foreign, ...scale } = gate ?? {};
	const content = {
		...rest,
		...(packed && { tail: { ...packed, values: await kept(packed.values) } }),
		head: { ...head, layers },
		gate: bank ? { ...scale, bank: await kept(bank), ...(foreign && { foreign: await kept(foreign) }) } : null
	} as v.InferOutput<typeof modelSchema>; // the gate's other numbers are there with its bank
	return sound ? { json: JSON.stringify(content), numbers } : null;
}
