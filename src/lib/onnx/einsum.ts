/** Sums of products that are written as an equation, such as `bij,bjk->bik`. */
import type { Call, Rule } from './call';
import { product } from './tensor';
import { assertDims, Value } from './value';

/** Of more, values between are made whose sizes the equation does not show. */
const MOST_OPERANDS = 2;
const LETTERS = /^[A-Za-z]*$/;

/** Its result's letters, and how long the axis of each letter is. */
function equationOf(call: Call): { result: string; lengths: ReadonlyMap<string, number> } {
	const equation = call.text('equation', '').replaceAll(' ', '');
	const [left = '', result, ...more] = equation.split('->');
	const terms = left.split(',');
	if (result === undefined || more.length > 0 || ![...terms, result].every((term) => LETTERS.test(term)))
		throw call.unsupported('has an equation that is not followed here; letters, commas and one "->" are.');
	if (terms.length !== call.inputs.length)
		throw call.broken(`has ${call.inputs.length} inputs for ${terms.length} terms.`);
	const lengths = new Map<string, number>();
	for (const [i, term] of terms.entries()) {
		const { dims } = call.value(i);
		if (dims.length !== term.length) throw call.broken(`calls ${dims.length} axes "${term}".`);
		for (const [axis, letter] of [...term].entries()) {
			const length = dims[axis] ?? 0;
			if ((lengths.get(letter) ?? length) !== length)
				throw call.broken(`has axes "${letter}" of ${lengths.get(letter)} and ${length}.`);
			lengths.set(letter, length);
		}
	}
	return { result, lengths };
}

export const einsum: Rule = {
	inputs: [1, MOST_OPERANDS],
	shape(call) {
		const { result, lengths } = equationOf(call);
		const dims = Array.from(result, (letter) => lengths.get(letter) ?? NaN);
		if (new Set(result).size !== result.length) throw call.broken(`names an axis of its result twice.`);
		assertDims(dims, call.output);
		return new Value(call.value(0).type, dims);
	},
	// One for each choice of a place on every axis.
	steps: (call) => product([...equationOf(call).lengths.values()])
};
