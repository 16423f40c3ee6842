/**
 * A project as Teachable Machine downloads it (`.tm`): a zip of `manifest.json` {type, version, appdata} and the
 * pictures. The layout is nowhere described; as seen, a picture of “Cat” is called `Cat-!-0.jpg`. What is called
 * otherwise is read by its folder.
 */
import * as v from 'valibot';
import { cleanName } from '$lib/domain/names';
import { MOST_LABELS } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { type Dataset, type DatasetItem, readDataset, type SourceFile } from '../dataset';
import { decodeJson } from '../json';
import { readPath } from '../paths';
import { openZip } from '../zip';
import { SAMPLE } from './contents';
import { another } from './refusals';

const manifestSchema = v.object({ type: v.string() });
const LARGEST_MANIFEST = 2 ** 20;

/**
 * @param name of the file, for words
 * @throws Trouble of `openZip` and `readDataset`; 'teachable-other' for a project of sounds; 'dataset-labels'
 */
export async function readTeachableProject(zip: Blob, name: string): Promise<Dataset> {
	const { files, skipped } = await openZip(zip, name);
	const manifest = files.find(({ path }) => /^([^/]+\/)?manifest\.json$/.test(path));
	if ((manifest && (await typeOf(manifest))) === 'audio')
		throw another(`“${name}” is a Teachable Machine project of sounds; Lensmith knows pictures only.`);
	const [items, rest]: [DatasetItem[], SourceFile[]] = [[], []];
	for (const file of files) {
		const item = file === manifest ? null : sampleOf(file);
		if (item) items.push(item);
		else if (file !== manifest) rest.push(file);
	}
	const others = await readDataset(rest);
	const all = [...items, ...others.items];
	if (new Set(all.map(({ label }) => label)).size > MOST_LABELS) throw tooManyLabels();
	return { items: all, skipped: [...skipped, ...others.skipped] };
}

/** null where its name does not tell its label. */
function sampleOf(file: SourceFile): DatasetItem | null {
	const parts = readPath(file.path);
	const [, label] = (Array.isArray(parts) && SAMPLE.exec(parts.at(-1) ?? '')) || [];
	if (label === undefined) return null;
	return { path: file.path, label: cleanName(label) || null, split: null, read: () => file.read() };
}

/** null where the manifest does not tell: the pictures are there all the same. */
async function typeOf(manifest: SourceFile): Promise<string | null> {
	if (manifest.size > LARGEST_MANIFEST) return null;
	try {
		return decodeJson(manifestSchema, await (await manifest.read()).text()).type;
	} catch {
		return null;
	}
}

const tooManyLabels = () =>
	new Trouble(
		'dataset-labels',
		`This project has more than ${MOST_LABELS.toLocaleString('en')} labels, which is the most a project can have. Nothing was added.`
	);
