/** Writes into the service worker what it must know of the build: small files, large files, inline scripts. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { injectManifest } from 'workbox-build';
import type { FileFacts } from '../../src/lib/domain/card';
import { filesBelow } from './files';

/**
 * Engines and backbones are no part of the shell: they live in their own cache, checked by their hash. TF.js is:
 * its binary is small (0.1 MB on the wire), and whoever teaches without a network needs it.
 */
const large = /^(_app\/immutable\/(?!.*\/tfjs-).*\.wasm|models\/.*\/(model\.onnx|labels\.json))$/;
const shell = ['**/*.{html,js,mjs,css,webmanifest,json,svg,png,ico,jpg}', '_app/immutable/**/tfjs-*.wasm'];
const notShell = ['models/**', 'screenshots/**', '404.html', 'service-worker.js'];
const largestFile = 3 * 2 ** 20;

/** What src/service-worker.ts reads; each stands there once, literally. */
const hashesPlace = 'self.__INLINE_SCRIPTS';
const largePlace = 'self.__LARGE_FILES';

export interface Precached {
	count: number;
	bytes: number;
}

/**
 * @param root the build
 * @param hashes of the inline scripts of all pages
 * @throws where a file is too large for the shell, or the service worker lacks a place to write to
 */
export async function precache(root: string, hashes: readonly string[]): Promise<Precached> {
	const worker = join(root, 'service-worker.js');
	const source = await readFile(worker, 'utf8');
	const filled = fill(fill(source, hashesPlace, hashes), largePlace, await largeFiles(root));
	await writeFile(worker, filled);

	const { count, size, warnings } = await injectManifest({
		swSrc: worker,
		swDest: worker,
		globDirectory: root,
		globPatterns: shell,
		globIgnores: notShell,
		dontCacheBustURLsMatching: /^_app\/immutable\//,
		maximumFileSizeToCacheInBytes: largestFile,
		manifestTransforms: [
			async (entries) => ({
				manifest: await Promise.all(
					entries.map(async (entry) => ({ ...entry, ...(await integrity(root, entry.url)) }))
				)
			})
		]
	});
	if (warnings.length > 0) throw new Error(warnings.join('\n'));
	return { count, bytes: size };
}

/** @throws where the place is missing, or there more than once */
function fill(source: string, place: string, value: unknown): string {
	if (source.split(place).length !== 2) throw new Error(`The service worker must name ${place} once.`);
	return source.replace(place, () => JSON.stringify(value));
}

async function largeFiles(root: string): Promise<FileFacts[]> {
	const urls = (await filesBelow(root)).filter((file) => large.test(file));
	return Promise.all(
		urls.map(async (url) => {
			const bytes = await readFile(join(root, url));
			return { url, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
		})
	);
}

/**
 * A captive portal answers every request with a page of its own: the hash refuses that.
 * Pages are left out, as hosts may rewrite them on the way; the service worker knows them by their content.
 */
async function integrity(root: string, url: string): Promise<{ integrity?: string }> {
	if (url.endsWith('.html')) return {};
	const bytes = await readFile(join(root, url));
	return { integrity: `sha256-${createHash('sha256').update(bytes).digest('base64')}` };
}
