/**
 * ONNX files as messages: bytes in, checked message out, and back.
 * The schema is `onnx.proto` of ONNX 1.23 (Apache-2.0); `npm run generate:onnx` writes `onnx_pb.ts` from it.
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { Trouble } from '../domain/trouble';
import { type GraphProto, type ModelProto, ModelProtoSchema, TensorProto_DataLocation } from './onnx_pb';
import { assertModest } from './wire';

/** A model whose graph is there and has nodes. */
export type Model = ModelProto & { graph: GraphProto };

/** Opset of what we write ourselves. */
export const opset = 17;

/**
 * @param bytes a whole .onnx file
 * @throws Trouble `onnx-broken`: not an ONNX file, or cut short; `onnx-too-large`: more pieces than a network has;
 *   `onnx-external`: the weights lie in a second file, which a page cannot read.
 */
export function readModel(bytes: Uint8Array): Model {
	const model = decode(bytes);
	const { graph } = model;
	if (!graph || graph.node.length === 0 || graph.output.length === 0) {
		throw new Trouble('onnx-broken', 'This is not an ONNX model: it has no graph with nodes and outputs.');
	}
	if (graph.initializer.some((tensor) => tensor.dataLocation === TensorProto_DataLocation.EXTERNAL)) {
		throw new Trouble(
			'onnx-external',
			'This ONNX model keeps its weights in a second file. Save it as one file and try again.'
		);
	}
	return Object.assign(model, { graph });
}

/** @returns the same bytes for the same message, always. */
export function writeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
	return toBinary(ModelProtoSchema, model);
}

function decode(bytes: Uint8Array): ModelProto {
	try {
		assertModest(ModelProtoSchema, bytes);
		// What the schema does not know is no part of what is run, so it is not carried along.
		return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
	} catch (cause) {
		if (cause instanceof Trouble) throw cause;
		throw new Trouble('onnx-broken', 'This ONNX file cannot be read: it is damaged or cut short.', { cause });
	}
}
