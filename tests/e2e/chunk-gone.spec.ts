import { expect, test } from '../fixtures/app';

test.use({ serviceWorkers: 'block' });

test('a chunk that a deploy removed: one prompt to reload, and the reload mends it', async ({
	page,
	serve,
	shell
}) => {
	let gone = false;
	const { url } = await serve({
		intercept: (request, response) => {
			if (!gone || !request.url?.startsWith('/_app/immutable/')) return false;
			response.writeHead(404).end();
			return true;
		}
	});
	await page.goto(`${url}/`);
	await shell.expectAt('/');
	await shell.mark();
	gone = true;
	await shell.go('Models');
	await expect(shell.agree).toHaveCount(1);
	expect(await shell.marked()).toBe(true);

	gone = false;
	await shell.agree.click();
	await shell.expectAt('/shelf');
	await expect(shell.agree).toHaveCount(0);
});
