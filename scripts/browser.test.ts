import { describe, expect, it } from 'vitest';
import { advice, findBrowser, installedBrowser, type World } from './browser';

/** A computer without a browser, on which `files` are there and every command in `works` ends well. */
function computer(
	parts: Partial<World> & { files?: string[]; works?: RegExp; onRun?(line: string): string[] }
) {
	const files = new Set(parts.files ?? []);
	const ran: string[] = [];
	const world: World = {
		env: { PATH: '/usr/local/bin:/usr/bin' },
		platform: 'linux',
		isRoot: false,
		home: '/home/ada',
		exists: (path) => files.has(path),
		ownPath: () => '/home/ada/.cache/ms-playwright/chrome',
		run(command, args) {
			const line = [command, ...args].join(' ');
			ran.push(line);
			for (const file of parts.onRun?.(line) ?? []) files.add(file);
			return parts.works?.test(line) ?? true;
		},
		...parts
	};
	return { world, ran };
}

describe('a browser that is here', () => {
	it('is the one that the environment names, whatever else is there', () => {
		const { world } = computer({
			env: { CHROMIUM_PATH: '/opt/chrome', PATH: '/usr/bin' },
			files: ['/usr/bin/chromium']
		});
		expect(findBrowser(world)).toBe('/opt/chrome');
	});

	it('is the system’s, in the order of the search path', () => {
		const { world } = computer({ files: ['/usr/bin/google-chrome', '/usr/bin/chromium-browser'] });
		expect(findBrowser(world)).toBe('/usr/bin/chromium-browser');
	});

	it('is passed over where it does not start', () => {
		const files = ['/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
		const { world } = computer({ files, works: /google-chrome/ });
		expect(findBrowser(world)).toBe('/usr/bin/google-chrome');
	});

	it('is found in the usual places of macOS and Windows', () => {
		const mac = '/home/ada/Applications/Chromium.app/Contents/MacOS/Chromium';
		expect(installedBrowser(computer({ platform: 'darwin', files: [mac] }).world)).toBe(mac);
		const windows = 'C:\\Programs\\Google\\Chrome\\Application\\chrome.exe';
		const env = { LOCALAPPDATA: 'C:\\Programs' };
		expect(installedBrowser(computer({ platform: 'win32', env, files: [windows] }).world)).toBe(windows);
	});

	it('is Playwright’s own where the system has none', () => {
		const { world, ran } = computer({ files: ['/home/ada/.cache/ms-playwright/chrome'] });
		expect(findBrowser(world)).toBe('/home/ada/.cache/ms-playwright/chrome');
		expect(ran.filter((line) => line.includes('install'))).toEqual([]);
	});
});

describe('no browser here', () => {
	const own = '/home/ada/.cache/ms-playwright/chrome';
	const apt = ['apt-get update', 'apt-get install --yes --no-install-recommends chromium'];

	it('installs Playwright’s', () => {
		const { world, ran } = computer({
			onRun: (line) => (line.startsWith('npx playwright install') ? [own] : [])
		});
		expect(findBrowser(world)).toBe(own);
		expect(ran).toEqual(['npx playwright install --no-shell chromium', `${own} --version`]);
	});

	it('turns to apt as root where Playwright’s does not download', () => {
		const { world, ran } = computer({
			isRoot: true,
			files: ['/usr/bin/apt-get'],
			works: /apt-get|chromium --version/,
			onRun: (line) => (line === apt[1] ? ['/usr/bin/chromium'] : [])
		});
		expect(findBrowser(world)).toBe('/usr/bin/chromium');
		expect(ran).toEqual([
			'npx playwright install --no-shell chromium',
			...apt,
			'/usr/bin/chromium --version'
		]);
	});

	it('turns to apt where Playwright’s is there but does not start', () => {
		const { world } = computer({
			isRoot: true,
			files: ['/usr/bin/apt-get'],
			works: /install|update|chromium --version/,
			onRun: (line) => (line.startsWith('npx') ? [own] : line === apt[1] ? ['/usr/bin/chromium'] : [])
		});
		expect(findBrowser(world)).toBe('/usr/bin/chromium');
	});

	it('leaves apt alone where one is not root, and says what to do', () => {
		const { world, ran } = computer({ files: ['/usr/bin/apt-get'], works: /nothing/ });
		expect(() => findBrowser(world)).toThrow(advice);
		expect(ran.some((line) => line.startsWith('apt-get'))).toBe(false);
	});
});
