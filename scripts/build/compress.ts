/**
 * Compressed copies beside the files of the build, for servers that look for them.
 * Brotli at quality 5: 11 takes minutes for the engines and saves a few per cent.
 */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const worthIt = /\.(html|m?js|css|json|svg|webmanifest|wasm|onnx|txt)$/;
const smallest = 1024;

const brotli = (bytes: Buffer) =>
	promisify(brotliCompress)(bytes, {
		params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
	});
const zip = (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 });

/**
 * Writes `file.br` and `file.gz` where they are smaller than the file.
 * @returns how many files got a copy
 */
export async function compress(root: string, files: readonly string[]): Promise<number> {
	let count = 0;
	for (const file of files.filter((name) => worthIt.test(name))) {
		const path = join(root, file);
		if ((await stat(path)).size < smallest) continue;
		const bytes = await readFile(path);
		const [br, gz] = await Promise.all([brotli(bytes), zip(bytes)]);
		if (br.length < bytes.length) await writeFile(`${path}.br`, br);
		if (gz.length < bytes.length) await writeFile(`${path}.gz`, gz);
		count += 1;
	}
	return count;
}
