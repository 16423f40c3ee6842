import { afterEach, expect, test, vi } from 'vitest';
import { tab } from '$lib/storage/suite/tab';
import * as here from './project-news';

type News = typeof import('./project-news');
const another = (globals?: object) => tab<News>(['services/project-news.ts'], globals);
afterEach(() => vi.unstubAllGlobals());

const quiet = () => new AbortController().signal;

test('news of a project reach the other tabs, not the one that tells them, until they stop listening', async () => {
	const [one, two] = [here, await another()];
	const heard: string[] = [];
	one.onProjectChanged((id) => heard.push(`one ${id}`));
	const stop = two.onProjectChanged((id) => heard.push(`two ${id}`));
	one.tellProjectChanged('a');
	await expect.poll(() => heard).toEqual(['two a']);
	stop();
	one.tellProjectChanged('b');
	two.tellProjectChanged('c');
	await expect.poll(() => heard).toEqual(['two a', 'one c']);
});

test('where the browser refuses channels, telling and listening do nothing', async () => {
	const BroadcastChannel = function refused() {
		throw new DOMException('storage is off', 'SecurityError');
	};
	const { onProjectChanged, tellProjectChanged } = await another({ BroadcastChannel });
	const stop = onProjectChanged(() => expect.unreachable());
	tellProjectChanged('a');
	stop();
});

const ways: [string, () => void][] = [
	['with locks', () => undefined],
	['without locks', () => vi.stubGlobal('navigator', { locks: undefined })],
	[
		'with locks refused',
		() =>
			vi.stubGlobal('navigator', {
				locks: { request: () => Promise.reject(new DOMException('storage is off', 'SecurityError')) }
			})
	]
];

test.each(ways)(
	'%s one works at a time, in turn, and a failure does not hold up the next',
	async (way, set) => {
		set();
		const one = here;
		// Without locks each page has a database of its own.
		const two = way === 'with locks' ? await another() : one;
		const events: string[] = [];
		let end: () => void = () => undefined;
		const first = one.asOnly('embed', quiet(), async () => {
			events.push('first');
			await new Promise<void>((resolve) => (end = resolve));
			events.push('first ended');
			throw new Error('broken');
		});
		await expect.poll(() => events).toEqual(['first']);
		const second = two.asOnly(
			'embed',
			quiet(),
			async () => events.push('second'),
			() => events.push('second waits')
		);
		expect(await two.asOnly('train', quiet(), async () => 'other name')).toBe('other name');
		await expect.poll(() => events).toEqual(['first', 'second waits']);
		end();
		await expect(first).rejects.toThrow('broken');
		await second;
		expect(events).toEqual(['first', 'second waits', 'first ended', 'second']);
	}
);

test.each(ways)('%s what is free is not waited for, again and again', async (_way, set) => {
	set();
	const waits = vi.fn<() => void>();
	for (let time = 0; time < 3; time++)
		expect(await here.asOnly('embed', quiet(), async () => time, waits)).toBe(time);
	expect(waits).not.toHaveBeenCalled();
});

test.each(ways)('%s waiting can be given up', async (_way, set) => {
	set();
	const { asOnly } = here;
	let end: (() => void) | undefined;
	const first = asOnly('embed', quiet(), () => new Promise<void>((resolve) => (end = resolve)));
	await expect.poll(() => end).toBeDefined();
	const abort = new AbortController();
	const second = asOnly('embed', abort.signal, async () => expect.unreachable());
	abort.abort();
	await expect(second).rejects.toMatchObject({ name: 'AbortError' });
	await expect(asOnly('embed', abort.signal, async () => 1)).rejects.toMatchObject({ name: 'AbortError' });
	end?.();
	await first;
	expect(await asOnly('embed', quiet(), async () => 'next')).toBe('next');
});
