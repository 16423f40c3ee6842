import { afterEach, expect, test } from 'vitest';
import { Client, serve, Transferred, type CallContext } from './channel';

class CodedError extends Error {
	readonly code = 'too-far';
}
const api = {
	async double(n: number) {
		return n * 2;
	},
	async boom(): Promise<void> {
		throw new RangeError('too far');
	},
	async coded(): Promise<void> {
		throw new CodedError('words', { cause: new RangeError('why') });
	},
	async throwsText(): Promise<void> {
		throw 'only text';
	},
	async count(to: number, { signal, report }: CallContext<number>) {
		for (let i = 1; i <= to; i++) {
			signal.throwIfAborted();
			report(i);
			await new Promise((resolve) => setTimeout(resolve, 0));
		}
		return to;
	},
	async size(buffer: ArrayBuffer) {
		return buffer.byteLength;
	},
	async make(bytes: number) {
		const buffer = new ArrayBuffer(bytes);
		return new Transferred({ buffer }, [buffer]);
	},
	async uncloneable() {
		return () => 1;
	},
	async never() {
		return new Promise<never>(() => {});
	}
};
const open: MessageChannel[] = [];
function connect() {
	const channel = new MessageChannel();
	open.push(channel);
	channel.port1.start();
	channel.port2.start();
	serve(channel.port2, api);
	return new Client<typeof api>(channel.port1);
}
afterEach(() => open.splice(0).forEach(({ port1, port2 }) => (port1.close(), port2.close())));

test('answers, and interleaved answers reach their own callers', async () => {
	const client = connect();
	expect(await Promise.all([1, 2, 3].map((n) => client.call('double', n)))).toEqual([2, 4, 6]);
});
test('keeps the name, message and code of an error', async () => {
	const client = connect();
	await expect(client.call('boom', undefined)).rejects.toMatchObject({
		name: 'RangeError',
		message: 'too far'
	});
	await expect(client.call('coded', undefined)).rejects.toMatchObject({
		code: 'too-far',
		message: 'words',
		cause: 'RangeError: why'
	});
	await expect(client.call('throwsText', undefined)).rejects.toThrow('only text');
});
test('an unknown method and an answer that cannot be cloned reject instead of hanging', async () => {
	const client = connect();
	// @ts-expect-error no such method
	await expect(client.call('nope', 1)).rejects.toThrow('no method');
	// @ts-expect-error inherited names are not methods
	await expect(client.call('toString', 1)).rejects.toThrow('no method');
	await expect(client.call('uncloneable', undefined)).rejects.toMatchObject({ name: 'DataCloneError' });
});
test('an input that cannot be cloned rejects, and the next call is answered', async () => {
	const client = connect();
	// @ts-expect-error wrong input
	await expect(client.call('double', () => 1)).rejects.toMatchObject({ name: 'DataCloneError' });
	expect(await client.call('double', 2)).toBe(4);
});
test('reports progress in order', async () => {
	const seen: number[] = [];
	await connect().call('count', 3, { onProgress: (n) => seen.push(n) });
	expect(seen).toEqual([1, 2, 3]);
});
test('cancels', async () => {
	const abort = new AbortController();
	const call = connect().call('count', 1e6, {
		signal: abort.signal,
		onProgress: (n) => n === 2 && abort.abort()
	});
	await expect(call).rejects.toMatchObject({ name: 'AbortError' });
	await expect(connect().call('double', 1, { signal: abort.signal })).rejects.toMatchObject({
		name: 'AbortError'
	});
});
test('moves buffers both ways', async () => {
	const client = connect();
	const buffer = new ArrayBuffer(8);
	expect(await client.call('size', buffer, { transfer: [buffer] })).toBe(8);
	expect(buffer.byteLength).toBe(0);
	expect((await client.call('make', 16)).buffer.byteLength).toBe(16);
});
test('a dead worker rejects what is in flight and what comes later', async () => {
	const client = connect();
	const call = client.call('never', undefined);
	client.fail(new Error('worker died'));
	await expect(call).rejects.toThrow('worker died');
	await expect(client.call('double', 1)).rejects.toThrow('worker died');
});
