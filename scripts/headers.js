// The HTTP headers of every file of the build, in one place: `kit.csp`, `_headers`, the Node server and the
// service worker all come from here. Plain JavaScript, because svelte.config.js imports it too.

/** @typedef {Record<string, string>} Headers */
/** @typedef {'page' | 'worker' | 'download-worker' | 'file'} Kind */

/** The hub of the downloadable backbones and the hosts that it redirects to; a policy applies to every hop. */
const hub = /** @type {const} */ (['https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co']);

/** The hash of the style attribute of SvelteKit's route announcer. */
const routeAnnouncer = 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo=';

/** The policy of a page for `kit.csp`, which adds the hashes of the inline scripts of each page itself. */
export const pageDirectives =
	/** @satisfies {NonNullable<NonNullable<import('@sveltejs/kit').KitConfig['csp']>['directives']>} */ ({
		'default-src': ['none'],
		'script-src': ['self', 'wasm-unsafe-eval'],
		'worker-src': ['self'],
		'connect-src': ['self'],
		'img-src': ['self', 'blob:', 'data:'],
		'media-src': ['self', 'blob:'],
		'style-src': ['self'],
		'style-src-attr': ['unsafe-hashes', routeAnnouncer],
		'manifest-src': ['self'],
		'base-uri': ['none'],
		'form-action': ['none'],
		'frame-ancestors': ['none']
	});

/** What every answer carries. */
export const common = /** @satisfies {Headers} */ ({
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
	'X-Content-Type-Options': 'nosniff',
	'Referrer-Policy': 'no-referrer'
});

export const cachedForEver = 'public, max-age=31536000, immutable';
export const askedEveryTime = 'no-cache';

/** @param {string} source */
const quoted = (source) => (/^(none|self|unsafe-|wasm-|sha256-)/.test(source) ? `'${source}'` : source);

/**
 * The Content-Security-Policy of a kind of file.
 * @param {Exclude<Kind, 'file'>} kind
 * @param {readonly string[]} hashes of the inline scripts of all pages, `sha256-…`; workers have none
 * @returns {string}
 */
export function policy(kind, hashes) {
	/** @type {Record<string, readonly string[]>} */
	const directives = { ...pageDirectives };
	if (kind === 'page') directives['script-src'] = [...pageDirectives['script-src'], ...hashes];
	if (kind === 'download-worker') directives['connect-src'] = [...pageDirectives['connect-src'], ...hub];
	return Object.entries(directives)
		.map(([name, sources]) => [name, ...sources.map(quoted)].join(' '))
		.join('; ');
}

/**
 * @param {string} path of a file of the build, relative to the app's base, without a leading slash
 * @returns {Kind}
 */
export function kindOf(path) {
	if (/^_app\/immutable\/workers\/download\.worker-[^/]+\.js$/.test(path)) return 'download-worker';
	if (/^_app\/immutable\/(workers\/[^/]+\.js|.*\.mjs)$/.test(path)) return 'worker'; // .mjs: ONNX Runtime's threads
	if (path === 'service-worker.js') return 'worker';
	if (path.endsWith('.html') || !/\.[^/]+$/.test(path)) return 'page';
	return 'file';
}

/**
 * What a file's answer carries besides its type and its caching.
 * @param {string} path of a file of the build, relative to the app's base, without a leading slash
 * @param {readonly string[]} hashes of the inline scripts of all pages
 * @returns {Headers}
 */
export function headersFor(path, hashes) {
	const kind = kindOf(path);
	return kind === 'file' ? common : { ...common, 'Content-Security-Policy': policy(kind, hashes) };
}
