/** What cannot be trained is refused in words that name it. That all else is read rightly is seen in `engine/tail`. */
import { expect, test } from 'vitest';
import { SmallGraph } from '../../../tests/fixtures/small-graph';
import { Random } from '../domain/random';
import { programOf } from './program';

const refused: [string, string, (graph: SmallGraph) => string][] = [
	['an operator that it lacks', 'Erf', (graph) => graph.node('Erf', [graph.input([2, 3])])],
	[
		'a convolution whose kernel is computed',
		'Conv',
		(graph) =>
			graph.node('Conv', [graph.input([2, 4, 5, 5]), graph.node('Relu', [graph.input([3, 4, 1, 1])])])
	],
	[
		'a reshape that puts several pictures into one row',
		'Reshape',
		(graph) => graph.node('Reshape', [graph.input([2, 3]), graph.ints([6, 1])])
	],
	[
		'a squeeze of the axis that counts the pictures',
		'Squeeze',
		(graph) => graph.node('Squeeze', [graph.input([1, 3]), graph.ints([0])])
	]
];

test.each(refused)('%s is refused: “%s”', (_, name, build) => {
	const graph = new SmallGraph(new Random(1));
	const bytes = graph.finish(build(graph));
	expect(() => programOf(bytes)).toThrow(
		expect.objectContaining({ code: 'finetune-operator', message: expect.stringContaining(`“${name}`) })
	);
});
