import { readdirSync } from 'node:fs';
import { expect, test, withoutKeeping } from '../fixtures/app';

const pages = readdirSync('build', { recursive: true, encoding: 'utf8' })
	.filter((file) => file.endsWith('.html') && file !== '404.html')
	.map((file) => `/${file.replace(/\\/g, '/').replace(/(^|\/)index\.html$/, '$1')}`);

test('each page opens as it comes from the server, without anything refused by the policy', async ({
	page,
	serve,
	look
}) => {
	const { url } = await serve();
	// What the first page keeps would answer for the next ones.
	await withoutKeeping(page.context());
	for (const path of pages)
		await test.step(path, async () => {
			const opened = await page.goto(url + path);
			expect(opened?.fromServiceWorker()).toBe(false);
			await look.ready();
		});
});

test('each page opens as it is kept, without anything refused by the policy', async ({
	page,
	serve,
	shell,
	look
}) => {
	const { url } = await serve();
	await page.goto(`${url}/`);
	await shell.kept();
	for (const path of pages)
		await test.step(path, async () => {
			const opened = await page.goto(url + path);
			expect(opened?.fromServiceWorker()).toBe(true);
			await look.ready();
		});
});

test.describe('a script that is not ours', () => {
	test.use({ planted: /script-src/ });

	test('is refused, and the watch of these tests sees it', async ({ page, serve, violations }) => {
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
});

test.describe('another host', () => {
	test.use({ planted: /connect-src|Fetch API cannot load/ });

	/** Whether something reaches an address. */
	const reaches = (address: string) =>
		fetch(address, { mode: 'no-cors' }).then(
			() => true,
			() => false
		);

	test('is not reached from the page', async ({ page, serve, violations }) => {
		const { url } = await serve();
		const other = await serve();
		await page.goto(`${url}/`);
		expect(await page.evaluate(reaches, other.url)).toBe(false);
		await expect.poll(() => violations.join()).toContain(other.url);
	});

	test('is not reached from the inference worker nor from the service worker, and the watch sees it', async ({
		context,
		page,
		serve,
		look,
		violations
	}) => {
		const { url } = await serve();
		const other = await serve();
		await page.goto(`${url}/`);
		await look.readyOffline();
		const workers = [...page.workers(), ...context.serviceWorkers()];
		expect(workers.map((worker) => new URL(worker.url()).pathname)).toEqual([
			expect.stringContaining('/inference.worker-'),
			'/service-worker.js'
		]);
		for (const worker of workers) {
			expect(await worker.evaluate(reaches, other.url)).toBe(false);
			await expect.poll(() => violations.join()).toContain(`${worker.url()}: Connecting to '${other.url}/'`);
		}
	});

	test('is not reached from the first line of a worker', async ({ page, serve, look, violations }) => {
		const other = await serve();
		const { url } = await serve({
			intercept: ({ url: path = '', headers }, response) => {
				if (headers['sec-fetch-dest'] !== 'worker') return false;
				void fetch(other.url + path, { headers: { 'accept-encoding': 'identity' } }).then(async (good) => {
					response.setHeaders(good.headers).removeHeader('content-length');
					response.end(`fetch('${other.url}').catch(() => 0);${await good.text()}`);
				});
				return true;
			}
		});
		await page.goto(`${url}/`);
		await look.choosePhoto('static/samples/coffee.jpg');
		await look.expectCoffee();
		await expect.poll(() => violations.join()).toMatch(/inference\.worker-.*connect-src/);
	});
});

const built = readdirSync('build', { recursive: true, encoding: 'utf8' }).map((file) =>
	file.replace(/\\/g, '/')
);

test('a photo is classified without anything refused by the policy', async ({ page, serve, look }) => {
	const { url } = await serve();
	await page.goto(`${url}/`);
	await look.choosePhoto('static/samples/coffee.jpg');
	await look.expectCoffee();
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
