/** The `_headers` file that Cloudflare Pages and Netlify read, and that our own server obeys in the same way. */
import { askedEveryTime, cachedForEver, common, kindOf, policy, type Headers } from '../headers.js';

export interface HeaderRule {
	/** A path from the root of the host; `*` at its end stands for anything. */
	path: string;
	headers: Headers;
}

/** Cloudflare Pages reads no longer line and no more rules. */
const longestLine = 2000;
const mostRules = 100;

/**
 * The rules for a build. Hosts join the values of all rules that match, and two joined policies both apply;
 * so no path gets two different policies: pages and workers are named, there is no policy for all.
 * @param files paths in the build, `teach.html`, `_app/immutable/…`
 * @param hashes of the inline scripts of all pages
 * @param base of the app, '' or '/app'
 * @throws where the rules pass what hosts read
 */
export function headerRules(files: readonly string[], hashes: readonly string[], base: string): HeaderRule[] {
	const page = { 'Content-Security-Policy': policy('page', hashes), 'Cache-Control': askedEveryTime };
	const rules: HeaderRule[] = [
		{ path: '/*', headers: common },
		{ path: '/_app/immutable/*', headers: { 'Cache-Control': cachedForEver } },
		...pagePaths(files).map((path) => ({ path, headers: page }))
	];
	for (const file of files) {
		const kind = kindOf(file);
		const headers: Headers = {};
		if (kind === 'worker' || kind === 'download-worker')
			headers['Content-Security-Policy'] = policy(kind, hashes);
		if (/^(service-worker\.js|manifest\.webmanifest|_app\/version\.json)$/.test(file))
			headers['Cache-Control'] = askedEveryTime;
		if (file.endsWith('.wasm')) headers['Content-Type'] = 'application/wasm';
		if (file.endsWith('.webmanifest')) headers['Content-Type'] = 'application/manifest+json';
		if (Object.keys(headers).length > 0) rules.push({ path: `/${file}`, headers });
	}
	const placed = rules.map(({ path, headers }) => ({ path: base + path, headers }));
	refuseTooMuch(placed);
	return placed;
}

/** `index.html` is also `/`, `teach.html` is also `/teach` and whatever the fallback answers below it. */
function pagePaths(files: readonly string[]): string[] {
	const paths = new Set<string>(['/']);
	for (const file of files.filter((name) => name.endsWith('.html'))) {
		const clean = `/${file.replace(/(\/?index)?\.html$/, '')}`;
		const [, first] = clean.split('/');
		if (file.includes('/')) {
			paths.add(`/${first}/*`);
			continue;
		}
		paths.add(`/${file}`);
		if (first && !/^\d/.test(first)) paths.add(clean).add(`${clean}/*`);
	}
	return [...paths];
}

function refuseTooMuch(rules: HeaderRule[]): void {
	if (rules.length > mostRules)
		throw new Error(`_headers would have ${rules.length} rules; Cloudflare Pages reads ${mostRules}.`);
	const long = formatHeaders(rules)
		.split('\n')
		.find((line) => line.length > longestLine);
	if (long)
		throw new Error(
			`A line of _headers would have ${long.length} characters; Cloudflare Pages reads ${longestLine}. ` +
				`Prerender fewer pages with different inline scripts. The line: ${long.slice(0, 80)}…`
		);
}

export function formatHeaders(rules: readonly HeaderRule[]): string {
	return rules
		.map(({ path, headers }) =>
			[path, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`), ''].join('\n')
		)
		.join('\n');
}

/** @throws where a line is neither a path nor a header */
export function parseHeaders(text: string): HeaderRule[] {
	const rules: HeaderRule[] = [];
	for (const line of text.split('\n')) {
		if (line.trim() === '' || line.startsWith('#')) continue;
		if (line.startsWith('/')) {
			rules.push({ path: line.trim(), headers: {} });
			continue;
		}
		const colon = line.indexOf(':');
		const rule = rules.at(-1);
		if (colon < 0 || !rule) throw new Error(`_headers has a line that is no header: ${line}`);
		rule.headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
	}
	return rules;
}

/** What a host sends for `path`: every rule that matches, equal names joined by a comma. */
export function matchHeaders(rules: readonly HeaderRule[], path: string): Headers {
	const found: Headers = {};
	for (const rule of rules) {
		const matches = rule.path.endsWith('*') ? path.startsWith(rule.path.slice(0, -1)) : path === rule.path;
		if (!matches) continue;
		for (const [name, value] of Object.entries(rule.headers))
			found[name] = found[name] === undefined ? value : `${found[name]}, ${value}`;
	}
	return found;
}
