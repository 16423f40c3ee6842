import { createHash } from 'node:crypto';

/**
 * The Content-Security-Policy hashes of the scripts that stand in a page.
 * @returns `sha256-…` of each; none for scripts with a `src` and for data blocks (JSON), which never run
 */
export function inlineScriptHashes(html: string): string[] {
	const scripts = html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g);
	return [...scripts]
		.filter(([, attributes = '']) => !/\bsrc=|\btype="application\/json"/.test(attributes))
		.map(([, , text = '']) => `sha256-${createHash('sha256').update(text).digest('base64')}`);
}
