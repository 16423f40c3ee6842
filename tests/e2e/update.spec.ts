import type { BrowserContext } from '@playwright/test';
import { expect, labelsPath, renamed, test } from '../fixtures/release';
import { LookPage } from '../pages/look';
import { ShellPage } from '../pages/shell';

/** Closes every tab, lets the browser start what waited for that, and opens one anew. */
async function comeBack(context: BrowserContext, url: string) {
	const next = await context.newPage();
	const devtools = await context.newCDPSession(next);
	const states = new Map<string, string>();
	devtools.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
		for (const { versionId, status } of versions) states.set(versionId, status);
	});
	await devtools.send('ServiceWorker.enable');
	for (const page of context.pages()) if (page !== next) await page.close();
	// Only then does it start the waiting one, and only if nobody comes back at once.
	const settled = () => [...states.values()].filter((status) => status !== 'redundant');
	await expect.poll(settled, { timeout: 45_000 }).toEqual(['activated']);
	await devtools.detach();
	const shell = new ShellPage(next);
	await shell.forgetHttp();
	await next.goto(url);
	return { shell, look: new LookPage(next) };
}

test('a new version asks, waits, and starts only when the person agrees', async ({
	page,
	serve,
	shell,
	nextBuild
}) => {
	const before = await serve();
	await page.goto(`${before.url}/`);
	await shell.kept();
	const version = await shell.version();
	await before.close();
	await serve({ root: nextBuild, port: before.port });

	await page.reload();
	await expect(shell.agree).toBeVisible();
	await page.reload();
	await shell.mark();
	await expect(shell.agree).toBeVisible();
	expect(await shell.version()).toBe(version);
	await shell.forgetHttp();
	await shell.go('Models'); // a chunk that is on no server any more
	await shell.expectAt('/shelf');
	expect(await shell.marked()).toBe(true);

	await shell.agree.click();
	await shell.expectOtherThan(version);
	await shell.expectAt('/shelf');
	await expect(shell.agree).toBeHidden();
});

test('another tab goes on with the version it has until its person agrees', async ({
	page,
	context,
	serve,
	shell,
	nextBuild
}) => {
	const before = await serve();
	await page.goto(`${before.url}/`);
	await shell.kept();
	const other = new ShellPage(await context.newPage());
	await other.page.goto(`${before.url}/`);
	await other.mark();
	const version = await other.version();
	await before.close();
	await serve({ root: nextBuild, port: before.port });

	await page.reload();
	await shell.agree.click();
	await shell.expectOtherThan(version);

	await expect(other.agree).toBeVisible();
	await other.forgetHttp();
	await other.go('Models');
	await other.expectAt('/shelf');
	expect(await other.marked()).toBe(true);
	await other.agree.click();
	await other.expectOtherThan(version);
});

test('a release that nobody agreed to takes over when the last tab has closed, whole and without a server', async ({
	page,
	context,
	serve,
	look,
	shell,
	nextRelease
}) => {
	const before = await serve();
	await page.goto(`${before.url}/`);
	await look.readyOffline();
	const version = await shell.version();
	await before.close();
	const after = await serve({ root: nextRelease, port: before.port });
	await page.reload();
	await expect(shell.agree).toBeVisible();
	await after.close();

	const back = await comeBack(context, `${before.url}/`);
	expect(await back.shell.version()).not.toBe(version);
	await back.look.readyOffline();
	await back.look.choosePhoto('static/samples/coffee.jpg');
	await expect(back.look.answer).toContainText(renamed);
	expect(await back.shell.keptFiles(labelsPath)).toBe(1);
});

test('a release whose labels are not to be had is not begun: the version before goes on whole', async ({
	page,
	context,
	serve,
	look,
	shell,
	nextRelease
}) => {
	const before = await serve();
	await page.goto(`${before.url}/`);
	await look.readyOffline();
	const version = await shell.version();
	await before.close();
	let refused = () => {};
	const asked = new Promise<void>((resolve) => (refused = resolve));
	const after = await serve({
		root: nextRelease,
		port: before.port,
		intercept: (request, response) => {
			if (request.url !== `/${labelsPath}`) return false;
			response.writeHead(503).end();
			refused();
			return true;
		}
	});
	await page.reload();
	await asked;
	await shell.expectNoneInstalling();
	await expect(shell.agree).toBeHidden();
	await after.close();

	const back = await comeBack(context, `${before.url}/`);
	expect(await back.shell.version()).toBe(version);
	await back.look.readyOffline();
	await back.look.choosePhoto('static/samples/coffee.jpg');
	await back.look.expectCoffee();
});

test('a reload into a release that was agreed to needs no server', async ({
	page,
	serve,
	look,
	shell,
	nextRelease
}) => {
	const before = await serve();
	await page.goto(`${before.url}/`);
	await look.readyOffline();
	const version = await shell.version();
	await before.close();
	const after = await serve({ root: nextRelease, port: before.port });
	await page.reload();
	await expect(shell.agree).toBeVisible();
	await after.close();
	await shell.forgetHttp();
	await shell.agree.click();
	await shell.expectOtherThan(version);
	await look.readyOffline();
});
