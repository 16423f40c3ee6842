import { expect, it } from 'vitest';
import { inLanes, type Planned } from './lanes';

/** Steps that end when they are told to. */
function stage(steps: readonly Planned[], lanes: number) {
	const log: string[] = [];
	const running = new Map<string, (ok: boolean) => void>();
	const all = inLanes(
		steps,
		lanes,
		({ name }) => {
			log.push(name);
			return new Promise<boolean>((resolve) => running.set(name, resolve));
		},
		({ name }, failed) => log.push(`not ${name}, as ${failed}`)
	);
	return {
		all,
		log,
		async end(name: string, ok = true) {
			running.get(name)?.(ok);
			running.delete(name);
			// What waits for it goes on in the tasks after this one.
			await new Promise((resolve) => setTimeout(resolve));
			return [...running.keys()];
		}
	};
}

it('runs as many at a time as there are lanes, in the order of the list', async () => {
	const { all, log, end } = stage([{ name: 'a' }, { name: 'b' }, { name: 'c' }], 2);
	expect(log).toEqual(['a', 'b']);
	expect(await end('b')).toEqual(['a', 'c']);
	await end('a');
	await end('c');
	await all;
});

it('waits for what a step needs, and lets another go before it meanwhile', async () => {
	const { all, log, end } = stage([{ name: 'a' }, { name: 'b', after: ['a'] }, { name: 'c' }], 2);
	expect(log).toEqual(['a', 'c']);
	expect(await end('c')).toEqual(['a']);
	expect(await end('a')).toEqual(['b']);
	await end('b');
	await all;
});

it('gives a step the machine to itself: nothing runs beside it, and what comes after waits', async () => {
	const steps = [{ name: 'a' }, { name: 'b', alone: true }, { name: 'c' }, { name: 'd' }];
	const { all, end, log } = stage(steps, 2);
	expect(log).toEqual(['a']);
	expect(await end('a')).toEqual(['b']);
	expect(await end('b')).toEqual(['c', 'd']);
	await end('c');
	await end('d');
	await all;
});

it('leaves out what needs a step that failed, also by way of another, and goes on with the rest', async () => {
	const steps = [
		{ name: 'a' },
		{ name: 'b', after: ['a'] },
		{ name: 'c', after: ['b'] },
		{ name: 'd', alone: true, after: ['c'] },
		{ name: 'e' }
	];
	const { all, log, end } = stage(steps, 2);
	expect(await end('a', false)).toEqual(['e']);
	await end('e');
	await all;
	expect(log).toEqual(['a', 'not b, as a', 'not c, as b', 'not d, as c', 'e']);
});

it('tells of a step that could not be run once the others have', async () => {
	const ran: string[] = [];
	const all = inLanes(
		[{ name: 'a' }, { name: 'b' }, { name: 'c', after: ['a'] }],
		1,
		async ({ name }) => {
			if (name === 'a') throw new Error('no room');
			ran.push(name);
			return true;
		},
		({ name }) => ran.push(`not ${name}`)
	);
	await expect(all).rejects.toThrow('no room');
	expect(ran).toEqual(['b', 'not c']);
});

it('takes as done what is not in the list, and says where steps wait for each other', async () => {
	const alone = stage([{ name: 'a', after: ['models'] }], 2);
	expect(alone.log).toEqual(['a']);
	await alone.end('a');
	await alone.all;
	const round = [
		{ name: 'a', after: ['b'] },
		{ name: 'b', after: ['a'] }
	];
	await expect(stage(round, 2).all).rejects.toThrow('a, b');
});
