/** What lies in a zip of Teachable Machine, wherever in it. */
import type { SourceFile } from '../dataset';
import { readPath } from '../paths';
import { openZip } from '../zip';
import { another, damaged, unsupported } from './refusals';

const limits = { entries: 2000, entryBytes: 64 * 2 ** 20 };

export interface TeachableFiles {
	/**
	 * @param path beside `model.json`, may begin with `./`
	 * @param most bytes that it may have
	 * @throws Trouble 'teachable-broken' where it is missing, 'teachable-unsupported' where it is larger
	 */
	bytes(path: string, most: number): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * What a zip is, by the names in it: 'model' is an export for TensorFlow.js, 'project' a `.tm` file with its photos.
 * null where it is neither, a folder of photos for one.
 */
export function teachableKind(files: readonly Pick<SourceFile, 'path'>[]): 'model' | 'project' | null {
	const placed = files.flatMap(({ path }) => placesOf(path));
	const names = new Set(placed.map(({ name }) => name));
	if (names.has('model.json')) return 'model';
	return names.has('manifest.json') && placed.some(({ name }) => SAMPLE.test(name)) ? 'project' : null;
}

/** `Class 1-!-0.jpg` */
export const SAMPLE = /^(.+)-!-\d+\.\w+$/;

/** @throws Trouble of `openZip`; 'teachable-other' where it is no model for TensorFlow.js */
export async function teachableFiles(zip: Blob, name: string): Promise<TeachableFiles> {
	const { files } = await openZip(zip, name, limits);
	const placed = files.flatMap((file) => placesOf(file.path).map((place) => ({ ...place, file })));
	const models = placed.filter((one) => one.name === 'model.json');
	const [model, ...others] = models.sort((a, b) => a.folder.length - b.folder.length);
	if (!model) throw noModel(files, new Set(placed.map((one) => one.name)));
	if (others.some(({ folder }) => folder.length === model.folder.length))
		throw another('There is more than one model in this zip. Choose a zip with one.');
	const byPath = new Map(placed.map(({ folder, name, file }) => [folder + name, file]));
	return {
		async bytes(path, most) {
			const parts = readPath(path);
			const file = Array.isArray(parts) ? byPath.get(model.folder + parts.join('/')) : undefined;
			if (!file) throw damaged(`a file of it is missing (${path.slice(0, 100)}).`);
			if (file.size > most) throw tooLarge(path, most);
			const bytes = new Uint8Array(await (await file.read()).arrayBuffer());
			if (bytes.length > most) throw tooLarge(path, most); // the directory lied
			return bytes;
		}
	};
}

interface Place {
	/** With its last `/`; empty at the top. */
	folder: string;
	name: string;
}

/** None for what is left alone or refused. */
function placesOf(path: string): Place[] {
	const parts = readPath(path);
	if (!Array.isArray(parts)) return [];
	const name = parts.pop() ?? '';
	return [{ folder: parts.map((part) => `${part}/`).join(''), name }];
}

function noModel(files: readonly SourceFile[], names: ReadonlySet<string>) {
	if (teachableKind(files) === 'project')
		return another('This is a Teachable Machine project with its photos. Add it where photos are added.');
	const other = [...names].some((name) => /\.(h5|tflite|pb|keras)$/i.test(name));
	return another(
		other
			? 'This is a model for another program than a browser. In Teachable Machine, choose “Export Model”, “Tensorflow.js”, “Download”, and open that zip.'
			: 'This zip holds no Teachable Machine model: there is no model.json in it.'
	);
}

const tooLarge = (path: string, most: number) =>
	unsupported(`a file of it has more than ${most / 2 ** 20} MB (${path.slice(0, 100)}).`);
