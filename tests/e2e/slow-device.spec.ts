import { coffeeFilm } from '../fixtures/camera';
import { cameraFlags } from '../fixtures/flags';
import { browserWith, expect, test } from '../fixtures/screens';

test.use({ ...browserWith(...cameraFlags(coffeeFilm(30))), permissions: ['camera'] });

interface Asked {
	/** Frames asked about and not answered yet: now, and the most there ever were. */
	open: number;
	most: number;
	answered: number;
}

test('on a device six times slower frames are dropped, none queues, and a press is answered', async ({
	look,
	page,
	serve
}) => {
	await page.addInitScript(() => {
		const asked: Asked = { open: 0, most: 0, answered: 0 };
		Object.assign(window, { asked });
		const frames = new Set<number>();
		window.Worker = class extends Worker {
			constructor(address: string | URL, options?: WorkerOptions) {
				super(address, options);
				const post = this.postMessage.bind(this);
				this.postMessage = (message: { id: number; method?: string }, options?: object) => {
					if (message.method === 'classify') {
						frames.add(message.id);
						asked.most = Math.max(asked.most, ++asked.open);
					}
					post(message, options);
				};
				this.addEventListener('message', ({ data }) => {
					if (!frames.delete(data.id)) return;
					asked.answered++;
					asked.open--;
				});
			}
		};
	});
	const devtools = await page.context().newCDPSession(page);
	await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
	const { url } = await serve();
	await look.open(url);
	const asked = () => page.evaluate(() => (window as unknown as { asked: Asked }).asked);
	await expect.poll(async () => (await asked()).answered).toBeGreaterThan(20);
	expect(await look.labels()).toContain('coffee mug');
	// Of the live picture: a frozen one is asked about beside the last frame.
	expect((await asked()).most).toBe(1);
	await look.button('Freeze').click();
	await expect(look.button('Back to the camera')).toBeVisible();
});
