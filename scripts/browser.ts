/** Finds a Chromium for the tests, and gets one where there is none. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

/** What the search touches; tests put their own in its place. */
export interface World {
	env: Record<string, string | undefined>;
	platform: NodeJS.Platform;
	isRoot: boolean;
	home: string;
	exists(path: string): boolean;
	/** Where Playwright's own browser is once it is installed. */
	ownPath(): string;
	/** Runs to its end. @returns whether it ended well */
	run(command: string, args: string[], quiet: boolean): boolean;
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const usualPlaces: Partial<Record<NodeJS.Platform, (world: World) => string[]>> = {
	darwin: ({ home }) =>
		['/Applications', join(home, 'Applications')].flatMap((folder) => [
			`${folder}/Google Chrome.app/Contents/MacOS/Google Chrome`,
			`${folder}/Chromium.app/Contents/MacOS/Chromium`
		]),
	win32: ({ env }) =>
		[env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
			.filter((folder) => folder !== undefined)
			.map((folder) => `${folder}\\Google\\Chrome\\Application\\chrome.exe`)
};

export const advice =
	'The tests need Chromium or Chrome, and it could not be installed from here: install one, ' +
	'or set CHROMIUM_PATH to its program, and run the tests again.';

/** A browser that is already here. Being there is not enough: Ubuntu's stub has no browser behind it. */
export function installedBrowser(world: World = thisWorld): string | undefined {
	const given = world.env.CHROMIUM_PATH;
	if (given) return given;
	const folders = (world.env.PATH ?? '').split(delimiter).filter(Boolean);
	const inPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
	const places = usualPlaces[world.platform]?.(world) ?? [];
	return [...inPath, ...places, world.ownPath()].find((path) => world.exists(path) && starts(world, path));
}

/** Chrome for Windows opens a window when it is asked for its version. */
function starts(world: World, path: string): boolean {
	return world.platform === 'win32' || world.run(path, ['--version'], true);
}

/**
 * A browser that is here, or is installed now: by Playwright, else by apt where one is root.
 * @throws with one sentence that says what to do
 */
export function findBrowser(world: World = thisWorld): string {
	const steps: [command: string, args: string[]][][] = [
		[],
		[[world.platform === 'win32' ? 'npx.cmd' : 'npx', ['playwright', 'install', '--no-shell', 'chromium']]]
	];
	if (world.isRoot && world.exists('/usr/bin/apt-get'))
		steps.push([
			['apt-get', ['update']],
			['apt-get', ['install', '--yes', '--no-install-recommends', 'chromium']]
		]);
	for (const commands of steps) {
		if (!commands.every(([command, args]) => world.run(command, args, false))) continue;
		const found = installedBrowser(world);
		if (found) return found;
	}
	throw new Error(advice);
}

const thisWorld: World = {
	env: process.env,
	platform: process.platform,
	isRoot: process.getuid?.() === 0,
	home: homedir(),
	exists: existsSync,
	ownPath: () => chromium.executablePath(),
	run(command, args, quiet) {
		const env = {
			...process.env,
			PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '15000',
			DEBIAN_FRONTEND: 'noninteractive'
		};
		const shell = command.endsWith('.cmd'); // Node refuses to start those directly
		return spawnSync(command, args, { stdio: quiet ? 'ignore' : 'inherit', env, shell }).status === 0;
	}
};
