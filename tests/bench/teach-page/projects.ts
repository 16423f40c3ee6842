/** Projects put straight into the app's database, as if they had been taught there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'jpeg-js';
import type { Page } from 'playwright';
import { backbones } from '../../../models/catalog';
import type { BackboneCard } from '../../../src/lib/domain/card';
import { Random } from '../../../src/lib/domain/random';
import type { Stage } from '../stage';
import { record } from './recorder';

const SIDE = 400;

/** JPEG files of about 400 px, base64, by label: from a dataset's folder, or drawn where there is none. */
export function pictures(folder: string, labels: number, each: number): string[][] {
	const dataset = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
	for (const { name } of dataset.filter((entry) => entry.isDirectory())) {
		const folders = readdirSync(join(folder, name)).map((label) => join(folder, name, label));
		const enough = folders.filter((label) => readdirSync(label).length >= each).slice(0, labels);
		if (enough.length === labels)
			return enough.map((label) =>
				readdirSync(label)
					.slice(0, each)
					.map((file) => readFileSync(join(label, file)).toString('base64'))
			);
	}
	return Array.from({ length: labels }, (_, label) =>
		Array.from({ length: each }, (_, i) => drawn(label, label * each + i).toString('base64'))
	);
}

/** Stripes of the label's own direction in colours of the picture's own. */
function drawn(label: number, seed: number): Buffer {
	const random = new Random(seed);
	const [width, phase] = [10 + 20 * random.next(), 100 * random.next()];
	const colours = Array.from({ length: 6 }, () => Math.floor(256 * random.next()));
	const data = Buffer.alloc(SIDE * SIDE * 4, 255);
	for (let at = 0; at < SIDE * SIDE; at++) {
		const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
		const along = [x, y, x + y][label % 3] ?? 0;
		const side = Math.floor((along + phase) / width) % 2;
		for (let c = 0; c < 3; c++)
			data[at * 4 + c] = Math.min(255, (colours[3 * side + c] ?? 0) + 40 * random.next());
	}
	return encode({ width: SIDE, height: SIDE, data }, 85).data;
}

export interface Seeded {
	id: string;
	/** Photos of each label: 'a', 'b', … */
	labels: number;
	each: number;
	/** Base64, by label; without, there are features and no pictures. */
	pictures?: string[][];
	/** The default where left out. */
	backbone?: BackboneCard;
}

/** On a page of the app, whose database is there. Photos without pictures get features: a cloud for each label. */
export function seed(page: Page, { backbone, ...seeded }: Seeded): Promise<void> {
	const card = backbone ?? backbones[0];
	if (!card) throw new Error('The catalogue is empty.');
	const { id: backboneId, file, outputs } = card;
	const facts = { backboneId, sha256: file.sha256, dimension: outputs?.features.dimension ?? 0 };
	return page.evaluate(
		async ({ id, labels, each, pictures, backboneId, sha256, dimension }) => {
			let state = labels * 1e6 + each;
			const random = () => {
				// mulberry32: neighbouring seeds have nothing in common
				let t = (state = (state + 0x6d2b79f5) | 0);
				t = Math.imul(t ^ (t >>> 15), t | 1);
				t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
				return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
			};
			const bytes = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
			const database = await new Promise<IDBDatabase>((resolve) => {
				const opening = indexedDB.open('lensmith');
				opening.onsuccess = () => resolve(opening.result);
			});
			const names = [...database.objectStoreNames];
			const writing = database.transaction(names, 'readwrite');
			const letters = Array.from({ length: labels }, (_, i) => String.fromCharCode(97 + i));
			const label = (name: string, colour: number) => ({ id: name, name, colour, off: false, trashed: null });
			writing.objectStore('projects').put({
				...{ id, name: id, created: 1, changed: 1, backboneId, crop: 'centre' },
				...{ labels: letters.map(label), views: ['mirrored'], modelId: null, trashed: null }
			});
			const centres = letters.map(() => Array.from({ length: dimension }, () => 2 * random()));
			for (let i = 0; i < labels * each; i++) {
				const of = i % labels;
				const photoId = `${id} ${i}`;
				const picture = pictures?.[of]?.[Math.floor(i / labels)];
				const hash = Array.from({ length: 16 }, () => Math.floor(16 * random()).toString(16)).join('');
				writing.objectStore('photos').put({
					...{ id: photoId, projectId: id, labelId: letters[of], burstId: photoId, added: i + 1 },
					...{ source: 'file', name: `${i}.jpg`, width: 400, height: 400, bytes: picture?.length ?? 1 },
					...{ sha256: photoId, hash, split: null, trashed: null }
				});
				if (picture) {
					const row = { bytes: bytes(picture), type: 'image/jpeg' };
					writing.objectStore('pictures').put(row, photoId);
					writing.objectStore('thumbnails').put(row, photoId);
					continue;
				}
				for (const view of ['centre', 'centre mirrored']) {
					const vector = Float32Array.from(centres[of] ?? [], (mean) =>
						Math.max(0, mean + 3 * random() - 1.5)
					);
					writing.objectStore('features').put({ photoId, projectId: id, backbone: sha256, view, vector });
				}
			}
			await new Promise((resolve) => (writing.oncomplete = resolve));
			database.close();
		},
		{ ...seeded, ...facts }
	);
}

/** The list of projects on a page that records, with some in it that hold the same photos of a folder of datasets. */
export async function withProjects(
	stage: Stage,
	ids: readonly string[],
	{ folder, labels, each }: { folder: string; labels: number; each: number }
): Promise<Page> {
	const context = await stage.context();
	await record(context);
	const page = await context.newPage();
	await page.goto(`${stage.url}/teach`);
	await page.getByRole('button', { name: 'Start a project' }).waitFor();
	const files = pictures(folder, labels, each);
	for (const id of ids) await seed(page, { id, labels, each, pictures: files });
	await page.reload();
	return page;
}

/** A project's features as they are kept, to hand to a trainer: plain and mirrored, [photos × dimension]. */
export function features(page: Page, id: string) {
	return page.evaluate(async (id) => {
		const asked = <T>(request: IDBRequest<T>) =>
			new Promise<T>((resolve) => (request.onsuccess = () => resolve(request.result)));
		const database = await asked(indexedDB.open('lensmith'));
		const all = async (store: string) => asked(database.transaction(store).objectStore(store).getAll());
		const photos = (await all('photos')).filter(({ projectId }) => projectId === id);
		const rows = await all('features');
		database.close();
		const of = (view: string) => {
			const vectors = new Map(
				rows.filter((row) => row.view === view).map((row) => [row.photoId, row.vector])
			);
			return photos.flatMap((photo) => [...(vectors.get(photo.id) as Float32Array)]);
		};
		const targets = photos.map(({ labelId }) => labelId.charCodeAt(0) - 97);
		return { targets, plain: of('centre'), mirrored: of('centre mirrored') };
	}, id);
}
