/** Photos as features of the embedded backbone, computed once and kept in node_modules/.cache. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'jpeg-js';
import * as ort from 'onnxruntime-node';
import { backbones } from '../../../models/catalog';
import { foreignOf } from '../../../models/foreign';
import { Random } from '../../../src/lib/domain/random';
import type { Foreign } from '../../../src/lib/domain/training';
import { cropRect, type Rect } from '../../../src/lib/image/crop';
import { toTensor, type Pixels } from '../../../src/lib/image/resize';

export interface Dataset {
	name: string;
	classes: number;
	dimension: number;
	/** [photos] */
	targets: Int32Array;
	/** As the backbone gives them, [photos, dimension]. */
	features: Float32Array;
	/** Of each photo: itself, then as the next shots of a burst would show it, [photos, BURST, dimension]. */
	bursts: Float32Array;
	/** The same mirrored. */
	mirrored: Float32Array;
	foreign: Foreign;
}

/** Shots of a simulated burst. */
export const BURST = 8;
/** Photos a label that bursts are made of. */
const BURSTS = 40;

const cache = 'node_modules/.cache/bench-teach';

/** @throws where the folder, or the backbone (`npm run models`), is missing */
export async function loadDatasets(folder: string): Promise<Dataset[]> {
	if (!existsSync(folder)) throw new Error(`There are no photos in ${folder}. Name a folder with --photos.`);
	const network = await openNetwork();
	const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
	const foreign = await foreignOf(network.card);
	if (!foreign) throw new Error('The backbone has no foreign photos.');
	const datasets: Dataset[] = [];
	for (const { name } of names)
		datasets.push({ ...(await loadDataset(join(folder, name), name, network)), foreign });
	return datasets;
}

type Network = Awaited<ReturnType<typeof openNetwork>>;

async function openNetwork() {
	const card = backbones.find(({ id }) => id === 'mobilenet-v1-025');
	if (!card?.outputs) throw new Error('The catalogue has no such backbone.');
	const { input, outputs, file } = card;
	const session = await ort.InferenceSession.create(readFileSync(`static/${file.url}`));
	const features = async (pixels: Pixels) => {
		const tensor = new ort.Tensor('float32', toTensor(pixels, input), [1, 3, input.size, input.size]);
		const answer = (await session.run({ [input.name ?? 'image']: tensor }))[outputs.features.name];
		if (!(answer?.data instanceof Float32Array)) throw new Error('The backbone gave no features.');
		return answer.data;
	};
	return { features, card, dimension: outputs.features.dimension, sha256: file.sha256 };
}

async function loadDataset(
	folder: string,
	name: string,
	network: Network
): Promise<Omit<Dataset, 'foreign'>> {
	const labels = readdirSync(folder).sort();
	const files = labels.map((label) => readdirSync(join(folder, label)).sort());
	const targets = Int32Array.from(files.flatMap((photos, label) => photos.map(() => label)));
	const { dimension } = network;
	const all = await cached(`${name}-${network.sha256.slice(0, 8)}-both-${BURST}.bin`, async () => {
		const rows = new Float32Array(2 * targets.length * BURST * dimension);
		let row = 0;
		for (const [label, photos] of files.entries()) {
			// Drawn, for photos that follow each other by name were often taken in one session.
			const drawn = new Set(new Random(label).shuffle(photos).slice(0, BURSTS));
			for (const photo of photos) {
				const pixels = decode(readFileSync(join(folder, labels[label] ?? '', photo)), { useTArray: true });
				const shots = drawn.has(photo) ? BURST : 1;
				for (const [shot, view] of shotsOf(pixels, shots, row).entries()) {
					const at = (row * BURST + shot) * dimension;
					rows.set(await network.features(view), at);
					rows.set(await network.features(mirror(view)), rows.length / 2 + at);
				}
				row++;
			}
		}
		return rows;
	});
	const [bursts, mirrored] = [all.subarray(0, all.length / 2), all.subarray(all.length / 2)];
	const features = new Float32Array(targets.length * dimension);
	for (let i = 0; i < targets.length; i++)
		features.set(bursts.subarray(i * BURST * dimension, (i * BURST + 1) * dimension), i * dimension);
	return { name, classes: labels.length, dimension, targets, features, bursts, mirrored };
}

async function cached(name: string, make: () => Promise<Float32Array>): Promise<Float32Array> {
	const path = join(cache, name);
	if (existsSync(path)) {
		const bytes = readFileSync(path);
		return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
	}
	const values = await make();
	mkdirSync(cache, { recursive: true });
	writeFileSync(path, new Uint8Array(values.buffer));
	return values;
}

/** The photo itself, then as a hand that moves a little shows it: shifted, nearer, lighter or darker. */
function shotsOf(pixels: Pixels & { data: Uint8Array }, count: number, seed: number): Pixels[] {
	const random = new Random(seed);
	const whole = cropRect(pixels.width, pixels.height, 'centre');
	return Array.from({ length: count }, (_, shot) => {
		if (shot === 0) return cut(pixels, whole, 1);
		const side = Math.round(whole.width * (0.92 + 0.08 * random.next()));
		const slack = whole.width - side;
		const shift = (most: number) => Math.round((random.next() - 0.5) * 2 * most);
		const x = whole.x + Math.round(slack / 2) + shift(slack / 2);
		const y = whole.y + Math.round(slack / 2) + shift(slack / 2);
		return cut(pixels, { x, y, width: side, height: side }, 0.9 + 0.2 * random.next());
	});
}

export function mirror({ data, width, height }: Pixels): Pixels {
	const out = new Uint8ClampedArray(data.length);
	for (let i = 0; i < width * height; i++) {
		const from = 4 * (i - (i % width) + width - 1 - (i % width));
		out.set(data.subarray(from, from + 4), 4 * i);
	}
	return { data: out, width, height };
}

/** @param gain of the light */
export function cut({ data, width }: Pixels & { data: Uint8Array }, rect: Rect, gain: number): Pixels {
	const out = new Uint8ClampedArray(rect.width * rect.height * 4);
	for (let y = 0; y < rect.height; y++) {
		const from = ((rect.y + y) * width + rect.x) * 4;
		out.set(data.subarray(from, from + rect.width * 4), y * rect.width * 4);
	}
	if (gain !== 1) for (let i = 0; i < out.length; i++) if (i % 4 !== 3) out[i] = (out[i] ?? 0) * gain;
	return { data: out, width: rect.width, height: rect.height };
}
