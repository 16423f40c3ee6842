import { expect, test } from '../fixtures/app';
import { ShellPage } from '../pages/shell';

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
	await shell.expectAt('/models');
	expect(await shell.marked()).toBe(true);

	await shell.agree.click();
	await shell.expectOtherThan(version);
	await shell.expectAt('/models');
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
	await other.expectAt('/models');
	expect(await other.marked()).toBe(true);
	await other.agree.click();
	await other.expectOtherThan(version);
});
