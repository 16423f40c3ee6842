/** Small sound files of every kind that is read. */
import { ProjectWriter } from '../../../src/lib/files/project-writer';
import { onnxOf, smallModelFile } from '../../fixtures/models';
import { smallModel, smallPhotos, smallProject, smallRun } from '../../fixtures/small-project';
import { makeNetwork, partsOf, tf, zipOf } from '../../fixtures/teachable';

export type Bytes = Uint8Array<ArrayBuffer>;

const LABELS = ['Cat', 'Dog', 'Owl', 'Yak'];
const SIDE = 8;

export async function smallFiles() {
	// Beside the areas that run the recipe, TF.js would take WASM, which nobody starts here.
	await tf.setBackend('cpu');
	const { metadata, model, weights } = await partsOf(makeNetwork(), LABELS.slice(1));
	const stranger = onnxOf({ classes: LABELS.length, size: SIDE });
	const zip = await zipOf({ 'model.onnx': stranger, 'labels.txt': LABELS.join('\n') });
	return {
		project: await project(),
		teachable: { 'metadata.json': json(metadata), 'model.json': json(model), 'weights.bin': weights },
		model: smallModelFile().bytes,
		zip: await bytesOf(zip),
		graph: stranger,
		picture: { size: SIDE, layout: 'NCHW' } as const,
		labels: json(LABELS)
	};
}

/** Three photos, a model and a run. */
async function project(): Promise<Bytes> {
	const parts: Bytes[] = [];
	const stream = new WritableStream<Bytes>({ write: (part) => void parts.push(part.slice()) });
	const writer = await ProjectWriter.into(stream, smallProject(), 1_750_000_000_000);
	for (const photo of smallPhotos(3)) await writer.addPhoto(photo);
	const [model, run] = [smallModel(), smallRun()];
	await writer.addModel(model.id, model);
	await writer.addRun(run);
	await writer.end('1.2.3');
	return bytesOf(new Blob(parts));
}

const json = (value: unknown): Bytes => new TextEncoder().encode(JSON.stringify(value));
const bytesOf = async (blob: Blob): Promise<Bytes> => new Uint8Array(await blob.arrayBuffer());
