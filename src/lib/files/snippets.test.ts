/** The script of Python does what the app does: run, with stand-ins for Pillow and the runtime, and held against its numbers. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backbones } from '../../../models/catalog';
import { taughtFile, type Wish } from '../../../tests/fixtures/model-file';
import { taughtSureFrom } from '../domain/prediction';
import { Random } from '../domain/random';
import { cropRect } from '../image/crop';
import { toTensor, type Pixels } from '../image/resize';
import { readModel } from '../onnx/model';
import { examplePage, pythonScript } from './snippets';

const python = (args: string[], env: NodeJS.ProcessEnv = {}) =>
	spawnSync('python3', args, { encoding: 'utf8', env: { ...process.env, ...env } });
const hasPython = python(['-c', '']).status === 0;
const hasNumpy = hasPython && python(['-c', 'import numpy']).status === 0;

const card = backbones[0]!; // there is one
const folder = mkdtempSync(join(tmpdir(), 'snippets-'));
const at = (name: string) => join(folder, name);
let backbone: ArrayBuffer;

beforeAll(() => {
	backbone = Uint8Array.from(readFileSync(`static/models/${card.id}/model.onnx`)).buffer;
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the name of the model’s file', () => {
	/** As `fileName` leaves them. */
	const names = ['Balcony.onnx', "A “b” 'c' & 100 % #1.onnx", '木 🌼 fp16.onnx', "'); alert(1); ('.onnx"];

	test.each(names)('%s stands in the page as its address', (name) => {
		const page = examplePage(name);
		const [, written = ''] = /loadModel\((".*"), ort\)/.exec(page) ?? [];
		const address = new URL(JSON.parse(written) as string, 'https://example.org/a/b.html');
		expect(decodeURIComponent(address.href)).toBe(`https://example.org/a/${name}`);
		expect(page).toContain(`onnxruntime-web@${ENGINE_VERSION}/`);
	});

	test.skipIf(!hasPython)(
		`… and in the script${hasPython ? '' : ' (no python3 here)'}, which compiles`,
		() => {
			for (const name of names) {
				writeFileSync(at('script.py'), pythonScript(name));
				const { status, stderr } = python(['-m', 'py_compile', at('script.py')]);
				expect(stderr).toBe('');
				expect(status).toBe(0);
				expect(JSON.parse(python(['-c', opened, at('script.py')]).stdout)).toEqual([name]);
			}
		}
	);

	test('the script is short', () => {
		const lines = pythonScript('Balcony.onnx').trimEnd().split('\n');
		expect(lines.length).toBeLessThanOrEqual(35);
		expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
	});
});

/** Prints what a script opens as a model. */
const opened = `
import ast, json, sys
calls = [n for n in ast.walk(ast.parse(open(sys.argv[1], encoding="utf8").read())) if isinstance(n, ast.Call)]
print(json.dumps([n.args[0].value for n in calls if getattr(n.func, "attr", "") == "InferenceSession"]))
`;

/** Something as rich as a photo: soft shapes, edges and grain. */
function photo(width: number, height: number, opaque = true): Pixels {
	const random = new Random(width);
	const data = new Uint8Array(4 * width * height);
	for (let i = 0; i < width * height; i++) {
		const [x, y] = [i % width, Math.floor(i / width)];
		for (let c = 0; c < 3; c++)
			data[4 * i + c] =
				120 + 70 * Math.sin(x / (19 + c)) * Math.cos(y / 31) + (x * 2 > y + 90 ? 40 : 0) + 20 * random.next();
		data[4 * i + 3] = opaque || (x + y) % 200 > 50 ? 255 : 100;
	}
	return { data, width, height };
}

/** As the app reads it: the crop, on white. */
function seen({ data, width, height }: Pixels, crop: 'centre' | 'whole'): Pixels {
	const rect = cropRect(width, height, crop);
	const out = new Uint8Array(4 * rect.width * rect.height);
	for (let i = 0; i < out.length; i++) {
		const [x, y] = [rect.x + ((i >> 2) % rect.width), rect.y + Math.floor((i >> 2) / rect.width)];
		const from = 4 * (y * width + x);
		const share = (data[from + 3] ?? 0) / 255;
		out[i] = i % 4 === 3 ? 255 : Math.round((data[from + (i % 4)] ?? 0) * share + 255 * (1 - share));
	}
	return { data: out, width: rect.width, height: rect.height };
}

/** Runs the script on a picture, where the runtime stands in that answers as `answers`. */
function ran(picture: Pixels, told: object): { printed: string; tensor: Float32Array } {
	writeFileSync(at('script.py'), pythonScript('Balcony.onnx'));
	writeFileSync(at('told.json'), JSON.stringify({ path: 'Balcony.onnx', ...told }));
	const size = Uint32Array.of(picture.width, picture.height);
	writeFileSync(at('photo'), Buffer.concat([size, picture.data].map(({ buffer }) => Buffer.from(buffer))));
	const { status, stdout, stderr } = python([at('script.py'), at('photo')], {
		PYTHONPATH: resolve('tests/fixtures/python'),
		PYTHONDONTWRITEBYTECODE: '1',
		PYTHONIOENCODING: 'utf8',
		TOLD: at('told.json'),
		SEEN: at('seen')
	});
	expect(stderr).toBe('');
	expect(status).toBe(0);
	return {
		printed: stdout.trim(),
		tensor: new Float32Array(Uint8Array.from(readFileSync(at('seen'))).buffer)
	};
}

const largest = (a: Float32Array, b: Float32Array) => {
	expect(a).toHaveLength(b.length);
	return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] ?? NaN))), 0);
};

const withNumpy = describe.skipIf(!hasNumpy);
withNumpy(`the script is run${hasNumpy ? '' : ' (no python3 with numpy here)'}`, () => {
	test.each<[string, number, number, boolean, Wish]>([
		['lying', 1024, 683, true, {}],
		['standing, of odd sides', 517, 701, true, {}],
		['all of it', 640, 480, true, { crop: 'whole' }],
		['smaller than what the network sees', 100, 75, true, {}],
		['one side smaller, one larger', 300, 90, true, { crop: 'whole' }],
		['as large as it', 224, 224, true, {}],
		['with light through it', 400, 300, false, {}],
		['two labels, no gate', 400, 300, true, { labels: ['a', 'b'], threshold: null }],
		['nothing like it', 400, 300, true, { threshold: 1e6 }]
	])('%s: its numbers and its words are the app’s', async (_, width, height, opaque, wish) => {
		const { crop = 'centre', labels = ['Daisy', 'Camomile', 'Tansy'], threshold = -1.5 } = wish;
		const { bytes } = taughtFile(backbone, card, wish);
		const picture = photo(width, height, opaque);
		const tensor = toTensor(seen(picture, crop), { ...card.input });
		const session = await InferenceSession.create(bytes);
		const ask = async (input: Float32Array) => {
			const { probabilities, familiarity } = await session.run({
				image: new Tensor('float32', input, [1, 3, 224, 224])
			});
			return {
				probabilities: probabilities?.data as Float32Array, // graphs are float32
				familiarity: familiarity && (familiarity.data as Float32Array) // likewise
			};
		};
		const app = await ask(tensor);
		const metadata = Object.fromEntries(readModel(bytes).metadataProps.map(({ key, value }) => [key, value]));
		const answers = {
			probabilities: [[...app.probabilities]],
			...(app.familiarity && { familiarity: [...app.familiarity] })
		};
		const script = ran(picture, { metadata, shape: ['N', 3, 224, 224], answers });

		expect(largest(script.tensor, tensor)).toBeLessThanOrEqual(1e-6);
		const other = await ask(script.tensor);
		expect(largest(other.probabilities, app.probabilities)).toBeLessThanOrEqual(1e-5);
		const best = app.probabilities.indexOf(Math.max(...app.probabilities));
		const probability = app.probabilities[best] ?? NaN;
		const familiar = threshold === null || (app.familiarity?.[0] ?? NaN) >= threshold;
		const sure = familiar && probability >= taughtSureFrom(labels.length, threshold !== null);
		expect(script.printed.split('\t')).toEqual([
			labels[best],
			probability.toFixed(3),
			sure ? 'sure' : 'not sure'
		]);
		await session.release();
	});

	test('colours last', () => {
		const picture = photo(90, 60);
		const tensor = toTensor(seen(picture, 'centre'), { ...card.input, size: 32, layout: 'NHWC' });
		const lensmith = { crop: 'centre', parts: { gate: null } };
		const metadata = { names: '{"0":"a","1":"b"}', imgsz: '[32,32]', lensmith: JSON.stringify(lensmith) };
		const { printed, tensor: own } = ran(picture, {
			metadata,
			shape: ['N', 32, 32, 3],
			answers: { probabilities: [[0.4, 0.6]] }
		});
		expect(largest(own, tensor)).toBeLessThanOrEqual(1e-6);
		expect(printed).toBe('b\t0.600\tnot sure');
	});
});
