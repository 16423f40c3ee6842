/** Photos as a network is shown them, with what it says of each: as they are and mirrored, as the app learns. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'jpeg-js';
import * as ort from 'onnxruntime-node';
import type { BackboneCard } from '../../../src/lib/domain/card';
import { cropRect } from '../../../src/lib/image/crop';
import { toTensor } from '../../../src/lib/image/resize';
import { cut, mirror } from '../teach/photos';

export interface Looked {
	name: string;
	/** [photos] */
	targets: readonly number[];
	/** What the network is fed of each photo, [3, size, size]. */
	pictures: readonly Float32Array[];
	/** [dimension] of each photo. */
	features: readonly Float32Array[];
	mirrored: readonly Float32Array[];
}

type Named<K extends string> = Record<K, Float32Array>;

/** Runs a file as any program would, on one thread. */
export class Run {
	readonly #session: ort.InferenceSession;
	readonly #shape: readonly number[];

	private constructor(session: ort.InferenceSession, size: number) {
		this.#session = session;
		this.#shape = [1, 3, size, size];
	}

	static async of(bytes: Uint8Array, { input: { size } }: Pick<BackboneCard, 'input'>): Promise<Run> {
		return new Run(await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1 }), size);
	}

	async ask<K extends string>(picture: Float32Array, names: readonly K[]): Promise<Named<K>> {
		const feeds = { image: new ort.Tensor('float32', picture, this.#shape) };
		const answer = await this.#session.run(feeds, names);
		return Object.fromEntries(names.map((name) => [name, answer[name]?.data])) as Named<K>; // all are float32
	}

	end(): Promise<void> {
		return this.#session.release();
	}
}

/** One dataset after the other, as their pictures take half a gigabyte. @throws where the folder is missing */
export async function* lookedAt(
	folder: string,
	card: BackboneCard,
	file: Uint8Array,
	most = Infinity
): AsyncGenerator<Looked> {
	if (!existsSync(folder)) throw new Error(`There are no photos in ${folder}. Name a folder with --photos.`);
	const run = await Run.of(file, card);
	const features = async (picture: Float32Array) => (await run.ask(picture, ['features'])).features;
	const datasets = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
	for (const { name } of datasets) {
		const labels = readdirSync(join(folder, name)).sort();
		const paths = labels.map((label) =>
			readdirSync(join(folder, name, label))
				.sort()
				.slice(0, most)
				.map((photo) => join(folder, name, label, photo))
		);
		const looked = {
			pictures: [] as Float32Array[],
			features: [] as Float32Array[],
			mirrored: [] as Float32Array[]
		};
		for (const path of paths.flat()) {
			const whole = decode(readFileSync(path), { useTArray: true });
			const square = cut(whole, cropRect(whole.width, whole.height, 'centre'), 1);
			const picture = toTensor(square, card.input);
			looked.pictures.push(picture);
			looked.features.push(await features(picture));
			looked.mirrored.push(await features(toTensor(mirror(square), card.input)));
		}
		yield { name, targets: paths.flatMap((photos, label) => photos.map(() => label)), ...looked };
	}
	await run.end();
}
