/** Numbers with a buffer of their own. */
import type { Model } from '$lib/domain/model';

/** The same model; of a view into something larger, the database would keep all that is behind it. */
export function compact(model: Model): Model {
	const layers = model.head.layers.map((layer) => ({
		...layer,
		weights: layer.weights.slice(),
		bias: layer.bias.slice()
	}));
	const gate = model.gate && {
		...model.gate,
		bank: model.gate.bank.slice(),
		...(model.gate.foreign && { foreign: model.gate.foreign.slice() })
	};
	const tail = model.tail && {
		tail: new Map(
			Array.from(model.tail, ([name, { dims, data }]) => [name, { dims: [...dims], data: data.slice() }])
		)
	};
	return { ...model, head: { ...model.head, layers }, gate, ...tail };
}
