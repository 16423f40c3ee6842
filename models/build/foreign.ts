/**
 * Makes models/foreign/*.json: what each embedded backbone gives for photos of other kinds of things. Run by hand,
 * as the photos come from no npm package (models/NOTICE.md says from where): `npx tsx models/build/foreign.ts FOLDER`,
 * FOLDER with a folder of JPEG files for each kind.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import jpeg from 'jpeg-js';
import { format, resolveConfig } from 'prettier';
import type { BackboneCard } from '../../src/lib/domain/card';
import { cropRect } from '../../src/lib/image/crop';
import { toTensor, type Pixels } from '../../src/lib/image/resize';
import { backbones } from '../catalog';
import { encodeRows, type ForeignFile } from '../foreign';
import { root } from './fetch';
import { run } from './run';

/** Folders, and how many photos of each. The gate knows these kinds … */
const reference = { energy: 20, fish: 20, tools: 24 };
/** … and is measured by these, by the names that the person reads. */
const held = [
	{ kind: 'animals', folder: 'animals', count: 40 },
	{ kind: 'buildings', folder: 'monuments', count: 40 },
	{ kind: 'household things', folder: 'household', count: 16 }
];

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Name the folder of photos: npx tsx models/build/foreign.ts FOLDER');
for (const card of backbones.filter(({ delivery }) => delivery === 'embedded')) {
	const file: ForeignFile = {
		backbone: card.file.sha256,
		dimension: card.outputs?.features.dimension ?? 0,
		reference: await encoded(card, folder, reference),
		held: {}
	};
	for (const { kind, folder: name, count } of held)
		file.held[kind] = await encoded(card, folder, { [name]: count });
	const target = path.join(root, `models/foreign/${card.id}.json`);
	const text = JSON.stringify(file);
	await writeFile(target, await format(text, { ...(await resolveConfig(target)), parser: 'json' }));
	console.log(`${target}: ${text.length} bytes`);
}

async function encoded(card: BackboneCard, folder: string, kinds: Record<string, number>): Promise<string> {
	const rows: Float32Array[] = [];
	for (const [kind, count] of Object.entries(kinds)) {
		const files = (await readdir(path.join(folder, kind))).sort();
		for (let i = 0; i < count; i++) {
			const name = files[Math.floor((i * files.length) / count)] ?? '';
			const photo = jpeg.decode(await readFile(path.join(folder, kind, name)), { useTArray: true });
			rows.push(await features(card, photo));
		}
	}
	return encodeRows(rows);
}

async function features({ input, outputs, file }: BackboneCard, photo: Pixels): Promise<Float32Array> {
	const { x, y, width, height } = cropRect(photo.width, photo.height, 'centre');
	const data = new Uint8ClampedArray(width * height * 4);
	for (let row = 0; row < height; row++) {
		const from = ((y + row) * photo.width + x) * 4;
		data.set(photo.data.subarray(from, from + width * 4), row * width * 4);
	}
	const bytes = await readFile(path.join(root, 'static', file.url));
	const tensor = toTensor({ data, width, height }, input);
	const answers = await run(bytes, input.name ?? '', tensor, [1, 3, input.size, input.size]);
	const answer = answers[outputs?.features.name ?? ''];
	if (!answer) throw new Error('The backbone gave no features.');
	return answer.data;
}
