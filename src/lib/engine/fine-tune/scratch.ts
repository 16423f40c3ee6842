/** Where the lecture's network begins when it learns from a project's photos alone: random weights and a random head. */
import type { Head } from '../../domain/head';
import { Random } from '../../domain/random';
import { LECTURE_FEATURES, lectureCnn, lectureTrunk } from '../../onnx/lecture-cnn';
import { programOf, type Program } from '../../onnx/program';
import { product, type FloatTensor } from '../../onnx/tensor';
import type { MapDims } from './activations';

/** All of the network is trained, so what is put are the pixels. @param size of a picture's side in pixels */
export function lecturePlan(size: number) {
	const program = programOf(lectureCnn(size));
	const maps: readonly MapDims[] = [[3, size, size]];
	const numbers = [...program.parameters.values()].reduce((sum, { data }) => sum + data.length, 0);
	return { program, maps, trunk: { ...lectureTrunk(size), numbers } };
}

/**
 * Kernels are drawn from a normal distribution of variance 2 / inputs, which keeps relu's numbers at one size from layer
 * to layer (He et al. 2015); biases are 0. The head is uniform within √(6 / (inputs + labels)) (Glorot & Bengio 2010).
 */
export function begun(
	program: Program,
	{ seed, classes }: { seed: number; classes: number }
): { program: Program; begins: Head } {
	const random = new Random(seed);
	const parameters = new Map<string, FloatTensor>();
	for (const [name, { dims }] of program.parameters) {
		const data = new Float32Array(product(dims));
		const deviation = Math.sqrt(2 / product(dims.slice(1)));
		if (dims.length > 1) for (let i = 0; i < data.length; i++) data[i] = deviation * normal(random);
		parameters.set(name, { dims, data });
	}
	const { dimension } = LECTURE_FEATURES;
	const most = Math.sqrt(6 / (dimension + classes));
	const weights = Float32Array.from({ length: dimension * classes }, () => most * (2 * random.next() - 1));
	const layer = { weights, bias: new Float32Array(classes), activation: 'linear' as const };
	return {
		program: { ...program, parameters },
		begins: { layers: [layer], normalise: false, temperature: 1 }
	};
}

/** Of mean 0 and variance 1 (Box & Muller 1958). */
const normal = (random: Random): number =>
	Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
