/** Numbers out of an .onnx file by name. */
import { Trouble } from '../domain/trouble';
import { readModel } from './model';
import { type FloatTensor, readTensor } from './tensor';

/**
 * @param bytes a whole .onnx file
 * @param name of an initialiser, such as `MapFacts.classifier`
 * @returns its numbers as float32, row-major, whatever they are stored as
 * @throws Trouble `onnx-broken`, `onnx-unsupported`, or `onnx-missing` where there is none of that name
 */
export function readInitializer(bytes: Uint8Array, name: string): FloatTensor {
	const tensor = readModel(bytes).graph.initializer.find((candidate) => candidate.name === name);
	if (!tensor) throw new Trouble('onnx-missing', `This ONNX model has no constant called "${name}".`);
	return readTensor(tensor);
}
