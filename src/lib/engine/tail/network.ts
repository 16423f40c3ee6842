/**
 * A network's last blocks in TF.js: runs a program, and trains its parameters. Owns its variables and constants until
 * `dispose`; what `run` makes belongs to the caller, who wraps it in `tidy` or `variableGrads`.
 */
import type * as TF from '@tensorflow/tfjs-core';
import type { Program } from '../../onnx/program';
import type { Step } from '../../onnx/program-steps';
import type { FloatTensor } from '../../onnx/tensor';
import { operators, type Run } from './operators';
import { arranged, inOrder, MAP, type Placed, plain } from './placed';

export class TailNetwork {
	readonly #tf: typeof TF;
	readonly #program: Program;
	readonly #variables: ReadonlyMap<string, TF.Variable>;
	readonly #constants: ReadonlyMap<string, TF.Tensor>;

	constructor(tf: typeof TF, program: Program) {
		this.#tf = tf;
		this.#program = program;
		const tensor = ({ data, dims }: FloatTensor) => tf.tensor(data, dims, 'float32');
		const mapped = <T>(values: ReadonlyMap<string, FloatTensor>, make: (value: FloatTensor) => T) =>
			new Map([...values].map(([name, value]) => [name, make(value)]));
		this.#constants = mapped(program.constants, tensor);
		this.#variables = mapped(program.parameters, (value) => tf.tidy(() => tf.variable(tensor(value))));
	}

	/** One for each parameter of the program, in ONNX's layout and the program's order. */
	get variables(): TF.Variable[] {
		return [...this.#variables.values()];
	}

	/**
	 * @param inputs as the program names them; maps as [N, H, W, C], others as ONNX has them
	 * @returns the program's outputs by name: maps as [N, H, W, C], others as ONNX has them. Differentiable with
	 *   respect to `variables` and inputs.
	 */
	run(inputs: readonly TF.Tensor[]): Map<string, TF.Tensor> {
		const tf = this.#tf;
		const values = new Map<string, Placed>();
		for (const named of [this.#constants, this.#variables])
			for (const [name, tensor] of named) values.set(name, plain(tensor));
		for (const [i, name] of this.#program.inputs.entries()) {
			const tensor = inputs[i];
			if (!tensor) throw new RangeError(`the input "${name}" is missing`);
			values.set(name, tensor.rank === 4 ? { tensor, order: MAP } : plain(tensor));
		}
		const value = (name: string): Placed => {
			const found = values.get(name);
			if (!found) throw new Error(`nothing makes "${name}"`);
			return found;
		};
		for (const step of this.#program.steps) {
			const made = [apply({ tf, value }, step)].flat();
			const names = 'outputs' in step ? step.outputs : [step.output];
			for (const [i, placed] of made.entries()) values.set(names[i] ?? '', placed);
		}
		const given = (placed: Placed) =>
			arranged(tf, placed, placed.order.length === 4 ? MAP : inOrder(placed.order.length));
		return new Map(this.#program.outputs.map((name) => [name, given(value(name))]));
	}

	/** The program's first output, [N, dimension]. */
	features(inputs: readonly TF.Tensor[]): TF.Tensor2D {
		const [name = ''] = this.#program.outputs;
		const features = this.run(inputs).get(name);
		if (features?.rank !== 2) throw new Error(`"${name}" is no list of features`);
		return features as TF.Tensor2D; // of two axes, as was just seen
	}

	/** What it has learned so far, in ONNX's layout. */
	async parameters(): Promise<Map<string, FloatTensor>> {
		const read = async ([name, variable]: [string, TF.Variable]): Promise<[string, FloatTensor]> => {
			const data = Float32Array.from(await variable.data());
			return [name, { dims: [...variable.shape], data }];
		};
		return new Map(await Promise.all([...this.#variables].map(read)));
	}

	/** @param parameters as `parameters` gives them; those that are missing stay as they are */
	load(parameters: ReadonlyMap<string, FloatTensor>): void {
		for (const [name, { data, dims }] of parameters) {
			const variable = this.#variables.get(name);
			if (!variable) throw new Error(`"${name}" is no parameter here`);
			this.#tf.tidy(() => variable.assign(this.#tf.tensor(data, dims, 'float32')));
		}
	}

	dispose(): void {
		for (const variable of this.#variables.values()) variable.dispose();
		for (const tensor of this.#constants.values()) tensor.dispose();
	}
}

function apply<K extends Step['kind']>(run: Run, step: Step & { kind: K }): Placed | Placed[] {
	return operators[step.kind](run, step);
}
