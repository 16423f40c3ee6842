import { describe, expect, it } from 'vitest';
import { headersFor } from '../headers';
import { formatHeaders, headerRules, matchHeaders, parseHeaders } from './headers-file';

const hashes = ['sha256-one=', 'sha256-two='];
const files = [
	'200.html',
	'index.html',
	'teach.html',
	'learn/heat.html',
	'_app/immutable/workers/inference.worker-C2.js',
	'_app/immutable/workers/download.worker-D3.js',
	'_app/immutable/assets/ort-threads.mjs',
	'_app/immutable/assets/ort.wasm',
	'service-worker.js',
	'manifest.webmanifest'
];
const rules = headerRules(files, hashes, '');

describe('_headers', () => {
	it('reads back as it was written', () => {
		expect(parseHeaders(formatHeaders(rules))).toEqual(rules);
	});

	it.each(files)('agrees with what the service worker adds to %s', (file) => {
		const sent = matchHeaders(rules, `/${file}`);
		expect(sent).toMatchObject(headersFor(file, hashes));
	});

	it.each(['/', '/teach', '/learn/heat', '/learn/heat.html', '/teach/any/project'])(
		'gives %s the policy of pages once',
		(path) => {
			const policies = matchHeaders(rules, path)['Content-Security-Policy'] ?? '';
			for (const policy of policies.split(', ')) expect(policy).toContain("'sha256-one=' 'sha256-two='");
			expect(policies).toContain("default-src 'none'");
		}
	);

	it('stands below the base path', () => {
		expect(headerRules(files, hashes, '/app').every(({ path }) => path.startsWith('/app/'))).toBe(true);
	});

	it('is refused where hosts would cut it', () => {
		const many = Array.from({ length: 60 }, (_, index) => `sha256-${String(index).padStart(43, 'A')}=`);
		expect(() => headerRules(files, many, '')).toThrow('2000');
		const pages = Array.from({ length: 60 }, (_, index) => `page${index}.html`);
		expect(() => headerRules(pages, hashes, '')).toThrow('rules');
	});

	it('refuses a line that is no header', () => {
		expect(() => parseHeaders('/*\n  nonsense')).toThrow('nonsense');
	});
});
