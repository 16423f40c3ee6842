/**
 * What a person told npm about their network, for fetching as npm does. npm hands most of it to its scripts in
 * the environment; registries of single scopes, and tokens, stand in `.npmrc` files only.
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;
type Options = Record<string, string | string[] | boolean>;

/**
 * @param environment with npm's own `npm_config_…`, where npm runs this
 * @param project the folder of the project's own `.npmrc`
 * @returns options as `pacote` takes them; see npm-registry-fetch
 */
export async function npmOptions(environment: Environment, project: string): Promise<Options> {
	// npm writes what is false, or not set, as ''.
	const told = (name: string) => environment[`npm_config_${name}`] || undefined;
	const cafile = told('cafile');
	const files = [
		told('globalconfig'),
		told('userconfig') ?? path.join(homedir(), '.npmrc'),
		path.join(project, '.npmrc')
	];
	const read = await Promise.all(files.map((file) => registriesIn(file, environment)));
	const options = {
		registry: told('registry'),
		proxy: told('proxy'),
		httpsProxy: told('https_proxy'),
		noProxy: told('noproxy'),
		ca: cafile ? certificates(await readFile(cafile, 'utf8')) : told('ca')?.split('\n\n'),
		strictSSL: 'npm_config_strict_ssl' in environment ? told('strict_ssl') === 'true' : undefined
	};
	const set = Object.entries(options).filter(([, value]) => value !== undefined);
	return Object.assign({}, ...read, Object.fromEntries(set));
}

/** Lines such as `registry=…`, `@scope:registry=…` and `//host/:_authToken=${TOKEN}`. */
async function registriesIn(file: string | undefined, environment: Environment): Promise<Options> {
	const text = file ? await readFile(file, 'utf8').catch(() => '') : '';
	const lines = text.matchAll(/^\s*(registry|@[^=\s]+:registry|\/\/[^=\s]+)\s*=\s*(.*?)\s*$/gm);
	return Object.fromEntries(
		Array.from(lines, ([, name = '', value = '']) => [name, expand(value, environment)])
	);
}

function expand(value: string, environment: Environment): string {
	return value
		.replace(/^"(.*)"$/, '$1')
		.replace(/\$\{([^}?]+)\??\}/g, (whole, name: string) => environment[name] ?? whole);
}

function certificates(text: string): string[] {
	return text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
}
