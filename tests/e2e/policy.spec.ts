import { readdirSync } from 'node:fs';
import { expect, test } from '../fixtures/app';

const pages = readdirSync('build', { recursive: true, encoding: 'utf8' })
	.filter((file) => file.endsWith('.html') && file !== '404.html')
	.map((file) => `/${file.replace(/\\/g, '/').replace(/(^|\/)index\.html$/, '$1')}`);

for (const path of pages) {
	test(`${path} opens without anything refused by the policy`, async ({ page, serve, shell, violations }) => {
		const { url } = await serve();
		await page.goto(url + path);
		await shell.kept();
		await page.reload();
		await expect(shell.place('Look')).toBeVisible();
		expect(violations).toEqual([]);
	});
}

test('a script that is not ours is refused, and the watch of these tests sees it', async ({
	page,
	serve,
	violations
}) => {
	const { url } = await serve();
	await page.goto(`${url}/`);
	await page.evaluate(() => {
		const script = document.createElement('script');
		script.textContent = 'window.planted = true';
		document.body.append(script);
	});
	await expect.poll(() => violations.length).toBeGreaterThan(0);
	expect(await page.evaluate(() => 'planted' in window)).toBe(false);
});

test('nothing reaches another host from the page', async ({ page, serve, violations }) => {
	const { url } = await serve();
	const other = await serve();
	await page.goto(`${url}/`);
	const reached = await page.evaluate(
		(address) =>
			fetch(address, { mode: 'no-cors' }).then(
				() => true,
				() => false
			),
		other.url
	);
	expect(reached).toBe(false);
	expect(violations.join()).toContain('connect-src');
});

const built = readdirSync('build', { recursive: true, encoding: 'utf8' }).map((file) =>
	file.replace(/\\/g, '/')
);

test('a photo is classified without anything refused by the policy', async ({
	page,
	serve,
	look,
	violations
}) => {
	const { url } = await serve();
	await page.goto(`${url}/`);
	await look.choosePhoto('static/samples/coffee.jpg');
	await look.expectCoffee();
	expect(violations).toEqual([]);
});

test('of all workers only the one that downloads may reach the hub', async ({ page, serve }) => {
	const { url } = await serve();
	const workers = built.filter((file) => /\/workers\/[^/]+\.js$|\.mjs$/.test(file));
	const reaching: string[] = [];
	for (const worker of workers) {
		const headers = (await page.request.get(`${url}/${worker}`)).headers();
		expect(headers['cross-origin-embedder-policy'], worker).toBe('require-corp');
		const policy = headers['content-security-policy'] ?? '';
		expect(policy, worker).toContain("default-src 'none'");
		if (!policy.includes("connect-src 'self';")) reaching.push(worker);
	}
	expect(reaching).toHaveLength(1);
	expect(reaching[0]).toContain('/download.worker-');
});

test('engines come with their type, compressed, and are kept by the browser', async ({ page, serve }) => {
	const { url } = await serve();
	const engine = built.find((file) => file.endsWith('.wasm'));
	const headers = (await page.request.get(`${url}/${engine}`)).headers();
	expect(headers['content-type']).toBe('application/wasm');
	expect(headers['content-encoding']).toBe('br');
	expect(headers['cache-control']).toContain('immutable');
});
