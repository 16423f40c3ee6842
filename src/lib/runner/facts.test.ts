/** Files of models as the app writes them, whole and damaged, read by the runner's own few lines. */
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { backbones } from '../../../models/catalog';
import { taughtFile, type Wish } from '../../../tests/fixtures/model-file';
import { cases, mutated } from '../../../tests/fixtures/mutations';
import { Random } from '../domain/random';
import { Trouble } from '../domain/trouble';
import { type Dim, GraphBuilder } from '../onnx/builder';
import { readModel, writeModel } from '../onnx/model';
import { readFacts } from './facts';

const card = backbones[0]!; // there is one
let backbone: ArrayBuffer;
beforeAll(async () => {
	backbone = Uint8Array.from(await readFile(`static/models/${card.id}/model.onnx`)).buffer;
});

const made = (wish?: Wish) => taughtFile(backbone, card, wish).bytes;

/** The file with other metadata; without what takes most of its room, and of which nothing is read here. */
function changed(bytes: Uint8Array, change: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> {
	const model = readModel(bytes);
	model.graph.initializer = [];
	model.graph.node = model.graph.node.slice(0, 4);
	for (const entry of model.metadataProps) entry.value = change[entry.key] ?? entry.value;
	return writeModel(model);
}

/** A file of ours whose picture has these sides. */
function shaped(dims: Dim[], imgsz: string): Uint8Array {
	const graph = new GraphBuilder('test');
	graph.node('Identity', [graph.input('other', ['N', 9])], {}, 'a');
	graph.node('Identity', [graph.input('image', dims)], {}, 'b');
	const lensmith = { format: 'lensmith-model', version: 1, crop: 'whole', parts: { gate: null } };
	return graph.finish({
		metadata: { names: '{"0":"a","1":"b"}', imgsz, lensmith: JSON.stringify(lensmith) }
	});
}

function codeOf(bytes: Uint8Array): string {
	try {
		readFacts(bytes);
	} catch (cause) {
		if (cause instanceof Trouble) return cause.code;
		throw cause;
	}
	return 'taken';
}

describe('what the app writes', () => {
	test.each<[string, Wish]>([
		['as it is', {}],
		['in 16 bits', { precision: 'fp16' }],
		['in 8 bits', { precision: 'int8' }]
	])('%s: labels, crop, threshold and shape are found', (_, wish) => {
		expect(readFacts(made(wish))).toEqual({
			labels: ['Daisy', 'Camomile', 'Tansy'],
			crop: 'centre',
			threshold: -1.5,
			size: 224,
			layout: 'NCHW'
		});
	});

	test('names that mean something elsewhere, in their order; no gate; all of the picture', () => {
		const labels = ['__proto__', '“a”\n"b"', '🌼 \u0000', 'constructor', ...'ghijklmn'];
		expect(readFacts(made({ labels, threshold: null, crop: 'whole' }))).toMatchObject({
			...{ labels, threshold: null, crop: 'whole' }
		});
	});

	test.each<[string, Dim[], string, { size: number; layout: string }]>([
		['colours first', ['N', 3, 96, 96], '[96,96]', { size: 96, layout: 'NCHW' }],
		['colours last', ['N', 96, 96, 3], '[96,96]', { size: 96, layout: 'NHWC' }],
		['colours last, sides open', ['N', 'H', 'W', 3], '[160,160]', { size: 160, layout: 'NHWC' }],
		['colours first, sides open', ['N', 3, 'H', 'W'], '[160,160]', { size: 160, layout: 'NCHW' }],
		['the graph knows better', [1, 3, 64, 64], '[96,96]', { size: 64, layout: 'NCHW' }]
	])('%s', (_, dims, imgsz, expected) => {
		expect(readFacts(shaped(dims, imgsz))).toMatchObject(expected);
	});
});

describe('what is refused in words', () => {
	test.each<[string, string, () => Uint8Array]>([
		['nothing', 'model-broken', () => new Uint8Array()],
		[
			'a page instead of a file',
			'model-broken',
			() => new TextEncoder().encode('<!doctype html><p>Not found')
		],
		['another’s model', 'model-foreign', () => new Uint8Array(backbone)],
		['half a file', 'model-broken', () => made().slice(0, 500_000)],
		['a shape that is no square', 'model-broken', () => shaped([1, 3, 64, 96], '[64,96]')],
		['a shape without colours', 'model-broken', () => shaped([1, 64, 64, 1], '[64,64]')],
		['a shape of five sides', 'model-broken', () => shaped([1, 3, 64, 64, 3], '[64,64]')],
		['a side of a million', 'model-broken', () => shaped([1, 3, 'H', 'W'], '[1000000,1000000]')],
		['no side at all', 'model-broken', () => shaped([1, 3, 'H', 'W'], '"large"')],
		['names that are none', 'model-broken', () => changed(made(), { names: '{"0":"a","2":"b"}' })],
		['no names', 'model-broken', () => changed(made(), { names: '{}' })],
		['a card that is no JSON', 'model-broken', () => changed(made(), { lensmith: '{' })],
		['a card of another kind', 'model-foreign', () => changed(made(), { lensmith: '[]' })],
		[
			'one of a later Lensmith',
			'model-newer',
			() => changed(made(), { lensmith: '{"format":"lensmith-model","version":2}' })
		]
	])('%s: %s', (_, code, bytes) => {
		expect(codeOf(bytes())).toBe(code);
	});
});

/** The same facts, by the library that knows all of ONNX. */
function byLibrary(bytes: Uint8Array) {
	const { graph, metadataProps } = readModel(bytes);
	const metadata = new Map(metadataProps.map(({ key, value }) => [key, value]));
	const { crop, parts } = JSON.parse(metadata.get('lensmith') ?? '') as {
		crop: unknown;
		parts: { gate: { threshold: unknown } | null };
	}; // what was taken has them
	const type = graph.input.find(({ name }) => name === 'image')?.type?.value;
	const dims =
		type?.case === 'tensorType' ? type.value.shape?.dim.map(({ value }) => Number(value.value)) : [];
	const layout = dims?.[1] === 3 ? 'NCHW' : 'NHWC';
	const side = dims?.[layout === 'NCHW' ? 2 : 1] ?? NaN;
	const size = Number.isNaN(side) ? (JSON.parse(metadata.get('imgsz') ?? '') as number[])[0] : side;
	return {
		labels: Object.values(JSON.parse(metadata.get('names') ?? '') as object),
		...{ crop, threshold: parts.gate?.threshold ?? null, size, layout }
	};
}

test('damaged files end in words, or in what the library for such files reads of them', () => {
	const whole = changed(made({ labels: ['Daisy', 'Ökologie 🌼'] }));
	const ends: Record<string, number> = { 'model-broken': 0, taken: 0, compared: 0 };
	const count = (end: string) => (ends[end] = (ends[end] ?? 0) + 1);
	fc.assert(
		fc.property(fc.nat(), (seed) => {
			const bytes = mutated(whole, new Random(seed), [1, whole.length - 900, whole.length - 1]);
			const code = codeOf(bytes);
			count(code);
			if (code !== 'taken') return;
			let expected: ReturnType<typeof byLibrary>;
			try {
				expected = byLibrary(bytes);
			} catch (cause) {
				// It reads weights and nodes too, and loses its way where a field is not of its kind.
				if (cause instanceof Trouble || cause instanceof SyntaxError) return;
				throw cause;
			}
			expect(readFacts(bytes)).toEqual(expected);
			count('compared');
		}),
		{ numRuns: cases(2000), seed: 3 }
	);
	expect(Math.min(...Object.values(ends))).toBeGreaterThan(0);
}, 3_600_000);
