/** Sizes that a graph computes of sizes (Shape, Gather, Concat, …), as PyTorch writes `view` and `flatten`. */
import { Trouble } from '../domain/trouble';
import { valuesIn } from './check';
import type { Model } from './model';
import { isWhole } from './value';

/**
 * The whole numbers that come of sizes and constants alone, by the value's name, for one picture: where the number of
 * pictures is meant, it is 1.
 *
 * @param model with all sizes of its inputs given but the first, as a tail's are; of others nothing is told, as is of
 *   those that the check of strangers' graphs does not take
 */
export function computedSizes(model: Model): ReadonlyMap<string, number[]> {
	const sizes = new Map<string, number[]>();
	if (!isSized(model)) return sizes;
	try {
		// All inputs have their own sizes: the picture's stands for none.
		const values = valuesIn(model, { size: 1, layout: 'NCHW' });
		for (const name of model.graph.node.flatMap(({ output }) => output)) {
			const value = values.get(name);
			if (value && isWhole(value.type) && value.numbers?.every(Number.isInteger))
				sizes.set(name, [...value.numbers]);
		}
	} catch (cause) {
		// The operator that needs a size is refused by its name then.
		if (!(cause instanceof Trouble)) throw cause;
	}
	return sizes;
}

const isSized = ({ graph }: Model): boolean =>
	graph.input.every(({ type }) => {
		const dims = type?.value.case === 'tensorType' ? type.value.value.shape?.dim : undefined;
		return dims?.every(({ value }, axis) => axis === 0 || (value.case === 'dimValue' && value.value > 0));
	});
