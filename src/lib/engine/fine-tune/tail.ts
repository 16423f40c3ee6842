/** The last blocks of a backbone as what a run trains: which variable belongs to which layer, counted from the end. */
import type * as TF from '@tensorflow/tfjs-core';
import type { Program } from '../../onnx/program';
import type { Step } from '../../onnx/program-steps';
import { TailNetwork } from '../tail/network';
import type { Tail } from './network';

/** Owns what it makes until `dispose`. */
export function trainable(tf: typeof TF, program: Program): Tail & Pick<TailNetwork, 'parameters'> {
	const network = new TailNetwork(tf, program);
	const depths = depthsOf(program);
	const parameters = [...program.parameters];
	return {
		variables: network.variables.map((variable, i) => {
			const [name, { dims }] = parameters[i] ?? ['', { dims: [] }];
			return { variable, depth: depths.get(name) ?? 0, isKernel: dims.length > 1 };
		}),
		features: (maps) => network.features(maps),
		parameters: () => network.parameters(),
		dispose: () => network.dispose()
	};
}

/** How many layers with a kernel come after the one that a parameter belongs to, by its name. */
export function depthsOf({ steps, parameters }: Program): ReadonlyMap<string, number> {
	const depths = new Map<string, number>();
	let depth = 0;
	for (const step of [...steps].reverse()) {
		const own = operandsOf(step).filter((name) => parameters.has(name));
		for (const name of own) depths.set(name, Math.max(depth, depths.get(name) ?? 0));
		if (own.some((name) => (parameters.get(name)?.dims.length ?? 0) > 1)) depth++;
	}
	return depths;
}

const operandsOf = (step: Step): string[] =>
	Object.values(step).filter((value): value is string => typeof value === 'string');
