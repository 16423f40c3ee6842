/**
 * What runs inside the browser: the production build's own inference worker, spoken to as the app does.
 * These functions are sent to the page as text, so each must stand alone.
 */
import type { Page } from 'playwright';
import { backbones } from '../../../models/catalog';

export interface Start {
	workerUrl: string;
	preference: 'wasm' | 'webgpu';
	cardIndex?: number;
	threads?: number;
}

export interface FrameTimes {
	total: number[];
	preprocess: number[];
	run: number[];
}

/** Starts a worker on the page and loads a backbone; the page keeps it as `bench`. @returns the backend's name */
export async function startWorker(
	page: Page,
	{ cardIndex = 0, threads = 1, ...start }: Start
): Promise<string> {
	return page.evaluate(
		async ({ workerUrl, preference, threads, card }) => {
			const worker = new Worker(workerUrl, { type: 'module' });
			let id = 0;
			const call = (method: string, input: unknown, transfer: Transferable[] = []) =>
				new Promise<never>((resolve, reject) => {
					const mine = ++id;
					const listen = ({ data }: MessageEvent) => {
						if (data.id !== mine || data.kind === 'progress') return;
						worker.removeEventListener('message', listen);
						if (data.kind === 'done') resolve(data.value as never);
						else reject(new Error(`${method}: ${data.error.message}`));
					};
					worker.addEventListener('message', listen);
					worker.addEventListener('error', (event) => reject(new Error(event.message)));
					worker.postMessage({ kind: 'call', id: mine, method, input }, transfer);
				});
			const get = async (url: string) => (await fetch(new URL(url, location.origin))).arrayBuffer();
			const plan: { backend: string; binary: string; file: { url: string } } = await call('plan', {
				preference,
				ios: false
			});
			const bytes = await get(plan.file.url);
			await call('start', { backend: plan.backend, binary: plan.binary, bytes, threads }, [bytes]);
			await call('load', { card, bytes: await get(card.file.url) });
			Object.assign(globalThis, { bench: { call, end: () => worker.terminate() } });
			return plan.backend;
		},
		{ ...start, threads, card: backbones[cardIndex] as NonNullable<(typeof backbones)[number]> } // the default
	);
}

interface InPage {
	bench: {
		call(method: string, input: unknown, transfer?: Transferable[]): Promise<never>;
		end(): void;
	};
}

/** Milliseconds of the backbone alone. */
export function timeRuns(page: Page, runs: number): Promise<number[]> {
	return page.evaluate((n) => (globalThis as unknown as InPage).bench.call('time', n), runs);
}

export function endWorker(page: Page): Promise<void> {
	return page.evaluate(() => (globalThis as unknown as InPage).bench.end());
}

/** Frames of a camera stream of this size, each from the moment it is there to its scores on the page. */
export function timeFrames(page: Page, width: number, height: number, frames: number): Promise<FrameTimes> {
	return page.evaluate(
		async ({ width, height, frames }) => {
			const { call } = (globalThis as unknown as InPage).bench;
			const stream = await navigator.mediaDevices.getUserMedia({
				video: { width: { exact: width }, height: { exact: height }, frameRate: 30 }
			});
			const video = document.createElement('video');
			video.muted = true;
			video.srcObject = stream;
			await video.play();
			const times = { total: [] as number[], preprocess: [] as number[], run: [] as number[] };
			for (let i = 0; i < frames; i++) {
				await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
				const frame = new VideoFrame(video);
				const begin = performance.now();
				const { preprocess, run }: { preprocess: number; run: number } = await call(
					'classify',
					{ source: frame, crop: 'centre' },
					[frame]
				);
				times.total.push(performance.now() - begin);
				times.preprocess.push(preprocess);
				times.run.push(run);
			}
			for (const track of stream.getTracks()) track.stop();
			return times;
		},
		{ width, height, frames }
	);
}
