/** What happens to build/ after SvelteKit's adapter: precache list, then headers, then compressed copies. */
import { copyFile, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compress } from './compress';
import { filesBelow } from './files';
import { formatHeaders, headerRules } from './headers-file';
import { inlineScriptHashes } from './inline-scripts';
import { precache } from './precache';

export interface FinishOptions {
	/** The build. */
	root: string;
	/** The app's base path, '' or '/app'. */
	base: string;
	/** Files above this size are left out, for hosts that refuse them (Cloudflare Pages: 25). */
	maxFileMiB?: number;
	log(line: string): void;
}

/** @throws with a reason where the build cannot be finished */
export async function finish({ root, base, maxFileMiB, log }: FinishOptions): Promise<void> {
	if (maxFileMiB !== undefined) await leaveOutLarge(root, maxFileMiB * 2 ** 20, log);
	const files = await filesBelow(root);
	const hashes = await allInlineScripts(root, files);

	const { count, bytes } = await precache(root, hashes);
	log(`precache: ${count} files, ${(bytes / 2 ** 20).toFixed(2)} MiB`);

	// GitHub Pages and Cloudflare Pages answer unknown paths with 404.html, and leave out `_app` under Jekyll.
	await copyFile(join(root, '200.html'), join(root, '404.html'));
	await writeFile(join(root, '.nojekyll'), '');
	await writeFile(join(root, '_headers'), formatHeaders(headerRules(files, hashes, base)));
	log(`compressed: ${await compress(root, await filesBelow(root))} files`);
}

async function leaveOutLarge(root: string, limit: number, log: (line: string) => void): Promise<void> {
	for (const file of await filesBelow(root)) {
		const path = join(root, file);
		const { size } = await stat(path);
		if (size <= limit) continue;
		await unlink(path);
		log(`left out: ${file}, ${(size / 2 ** 20).toFixed(1)} MiB`);
	}
}

async function allInlineScripts(root: string, files: readonly string[]): Promise<string[]> {
	const pages = files.filter((name) => name.endsWith('.html'));
	const found = await Promise.all(
		pages.map(async (page) => inlineScriptHashes(await readFile(join(root, page), 'utf8')))
	);
	return [...new Set(found.flat())].sort();
}
