/** The big files, engine and backbone: cut off on the way, and damaged on the device. */
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/app';

const engine = readdirSync('build', { recursive: true, encoding: 'utf8' })
	.map((file) => file.replace(/\\/g, '/'))
	.find((file) => /ort-wasm-simd-threaded-[\w-]+\.wasm$/.test(file));
const backbone = 'models/mobilenet-v1-025/model.onnx';
const parts: [string, string][] = [
	['engine', engine ?? 'no engine in the build'],
	['backbone', backbone]
];

/** Sends the first 100 kB of a file, then hangs up. */
function cut(response: ServerResponse, file: string): void {
	const bytes = readFileSync(`build/${file}`);
	response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes.length });
	response.write(bytes.subarray(0, 100_000), () => response.destroy());
}

for (const [what, file] of parts)
	test(`a first visit that is cut off within the ${what} says so, and goes on when the network is back`, async ({
		page,
		serve,
		shell,
		look
	}) => {
		let broken = true;
		const { url } = await serve({
			intercept: (request, response) => {
				if (!broken || request.url !== `/${file}`) return false;
				cut(response, file);
				return true;
			}
		});
		await page.goto(`${url}/`);
		await expect(look.button('Status: Something is missing')).toBeVisible();
		const name = file.split('/').slice(-2).join('/');
		await shell.expectSaid(new RegExp(`“${name}” could not be fetched: the connection ended on the way`));
		await look.choosePhoto('static/samples/coffee.jpg');
		await expect(look.answer.getByRole('alert')).toContainText(name);

		broken = false;
		await page.evaluate(() => window.dispatchEvent(new Event('online')));
		await look.expectCoffee();
		await look.readyOffline();
	});

/** Turns one bit of the kept backbone. */
async function damage(page: Page): Promise<void> {
	await page.evaluate(async (file) => {
		const cache = await caches.open('lensmith-files-v1');
		const key = (await cache.keys()).find(({ url }) => url.includes(file));
		const kept = key && (await cache.match(key));
		if (!kept) throw new Error('the backbone is not kept');
		const bytes = new Uint8Array(await kept.arrayBuffer());
		bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 1;
		await cache.put(key, new Response(bytes, { headers: kept.headers }));
	}, backbone);
}

/** Whether the kept backbone has the hash that it is kept under. */
function sound(page: Page): Promise<boolean> {
	return page.evaluate(async (file) => {
		const cache = await caches.open('lensmith-files-v1');
		const key = (await cache.keys()).find(({ url }) => url.includes(file));
		const kept = key && (await cache.match(key));
		if (!kept) return false;
		const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await kept.arrayBuffer()));
		const hex = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
		return new URL(key.url).searchParams.get('sha256') === hex;
	}, backbone);
}

test('a bit that flipped in the kept backbone: it is fetched again', async ({ page, serve, shell, look }) => {
	let asked = 0;
	const count = ({ url }: IncomingMessage) => {
		if (url === `/${backbone}`) asked++;
		return false;
	};
	const { url } = await serve({ intercept: count });
	await page.goto(`${url}/`);
	await look.readyOffline();
	expect([asked, await sound(page)]).toEqual([1, true]);
	await damage(page);
	expect(await sound(page)).toBe(false);
	await shell.forgetHttp();

	await page.reload();
	await look.readyOffline();
	expect([asked, await sound(page)]).toEqual([2, true]);
});

test('a bit that flipped in the kept backbone, without a server: it is told, and mended once there is one', async ({
	page,
	serve,
	shell,
	look
}) => {
	const server = await serve();
	await page.goto(`${server.url}/`);
	await look.readyOffline();
	await damage(page);
	await server.close();
	await shell.forgetHttp();

	await page.reload();
	await expect(look.button('Status: Something is missing')).toBeVisible();
	await shell.expectSaid(/model\.onnx” was damaged on this device\. Connect to the network once/);

	await serve({ port: server.port });
	await page.evaluate(() => window.dispatchEvent(new Event('online')));
	await look.readyOffline();
	expect(await sound(page)).toBe(true);
});
