/** `npm run preview`: serves the production build and prints where. */
import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generate } from 'selfsigned';
import { parseHeaders } from './build/headers-file';
import { startServer } from './server';

const help = `npm start -- [--https] [--host] [--port N]
  --https   with a certificate made now, open to the local network: a phone can use its camera
  --host    open to the local network without https (no camera there: browsers ask for https)
  --port N  instead of the first free port from 4173`;

const root = 'build';

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

function lanAddresses(): string[] {
	return Object.values(networkInterfaces())
		.flatMap((addresses) => addresses ?? [])
		.filter(({ family, internal }) => family === 'IPv4' && !internal)
		.map(({ address }) => address);
}

/** For localhost and this computer's addresses in its networks. */
async function makeCertificate(addresses: string[]): Promise<{ key: string; cert: string }> {
	const names = [
		{ type: 2 as const, value: 'localhost' },
		...['127.0.0.1', ...addresses].map((ip) => ({ type: 7 as const, ip }))
	];
	const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
		keyType: 'ec',
		algorithm: 'sha256',
		extensions: [{ name: 'subjectAltName', altNames: names }]
	});
	return { key, cert };
}

/** The base path that the build was made for: its headers begin with the rule for everything. */
function basePath(): string {
	const [first] = parseHeaders(readFileSync(join(root, '_headers'), 'utf8'));
	return first?.path.replace(/\/\*$/, '') ?? '';
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			https: { type: 'boolean', default: false },
			host: { type: 'boolean', default: false },
			port: { type: 'string' },
			help: { type: 'boolean', default: false }
		}
	});
	if (values.help) return say(help);
	if (!existsSync(join(root, '_headers')))
		throw new Error('There is no finished build yet. Run “npm start”, which makes one.');

	const open = values.host || values.https;
	const addresses = open ? lanAddresses() : [];
	const base = basePath();
	const { url, port } = await startServer({
		root,
		base,
		port: values.port ? Number(values.port) : 4173,
		orNext: !values.port,
		host: open ? '0.0.0.0' : 'localhost',
		https: values.https ? await makeCertificate(addresses) : undefined
	});
	say(`Lensmith is at ${url}/`);
	for (const address of addresses)
		say(`In this network: ${values.https ? 'https' : 'http'}://${address}:${port}${base}/`);
	if (values.https)
		say(
			'The certificate was made just now, so browsers warn once; after that the camera works, on a phone too.\n' +
				'Browsers refuse to keep an app from such an address: to open it without a network, use localhost,\n' +
				'a certificate that the device trusts, or a real host.'
		);
	else if (open)
		say('Over plain http other devices get no camera and keep nothing. With --https the camera works.');
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
