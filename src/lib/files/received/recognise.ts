/** Which of the files that a person brings are models. */
import { teachableKind } from '../teachable/contents';
import { isZip, openZip } from '../zip';

const limits = { entries: 2000, entryBytes: 2 ** 20 };

/**
 * By the name, of a zip by the names in it: the file itself is read when it is opened.
 *
 * @returns false for a zip that cannot be read: whoever takes it for something else says why
 */
export async function isModelFile(file: Blob, name: string): Promise<boolean> {
	if (/\.onnx$/i.test(name)) return true;
	if (!/\.zip$/i.test(name) || !(await isZip(file))) return false;
	try {
		const { files } = await openZip(file, name, limits);
		if (files.some(({ path }) => /(^|\/)lensmith\.json$/.test(path))) return false;
		return teachableKind(files) === 'model' || files.some(({ path }) => /\.onnx$/i.test(path));
	} catch {
		return false;
	}
}
