import { mount, unmount } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { Photo } from '$lib/domain/project';
import PhotoGrid from './PhotoGrid.svelte';

const photo = (i: number): Photo => ({
	...{ id: `p${i}`, burstId: `p${i}`, projectId: 'p', labelId: 'l', added: i, source: 'file', name: '' },
	...{ width: 1, height: 1, bytes: 1, sha256: '', hash: '', split: null, trashed: null }
});
const photos = Array.from({ length: 2000 }, (_, i) => photo(i));
const nothing = () => undefined;
/** In 300 px there are three columns of 102 px; some 480 px above and below are drawn too. */
const most = 3 * (Math.ceil((innerHeight + 2 * 480) / 102) + 1) + 1;

const mounted: Record<string, unknown>[] = [];
const observers: MutationObserver[] = [];
afterEach(async () => {
	for (const observer of observers.splice(0)) observer.disconnect();
	await Promise.all(mounted.splice(0).map((one) => unmount(one)));
	document.body.replaceChildren();
});

/** @param left where its column lies @returns the column, cells that are there, and how many ever came */
function grid(left: number, selected: ReadonlySet<string> = new Set()) {
	const board = document.createElement('div');
	board.style.cssText = 'position: absolute; top: 0; left: 0; width: 400px; overflow-x: auto';
	const target = document.createElement('div');
	target.style.cssText = `position: relative; left: ${left}px; width: 300px`;
	board.append(target);
	document.body.append(board);
	let came = 0;
	const observer = new MutationObserver((records) => {
		const nodes = records.flatMap(({ addedNodes }) => [...addedNodes]);
		came += nodes.filter((node) => node instanceof Element && node.matches('[role=option]')).length;
	});
	observer.observe(target, { childList: true, subtree: true });
	observers.push(observer);
	const seen = vi.fn<(ids: readonly string[]) => void>();
	const props = { name: 'Photos', photos, selected, thumbnail: nothing, onsight: seen };
	mounted.push(mount(PhotoGrid, { target, props: { ...props, onselect: nothing, onthrowaway: nothing } }));
	const cells = () => target.querySelectorAll('[role=option]');
	return { board, target, cells, came: () => came, seen };
}

test('no cell is drawn before it is known which are in sight', async () => {
	const { target, cells, came, seen } = grid(0);
	await vi.waitFor(() => expect(cells().length).toBeGreaterThan(20));
	expect(came()).toBeLessThanOrEqual(most);
	// Nor is a thumbnail asked for that nobody sees.
	expect(new Set(seen.mock.calls.flatMap(([ids]) => ids)).size).toBeLessThanOrEqual(most);
	expect(target.scrollHeight).toBeGreaterThan((photos.length / 3) * 90);
});

test('a grid is as tall as it will be as soon as it is there', () => {
	const { target } = grid(0);
	return Promise.resolve().then(() => expect(target.scrollHeight).toBeGreaterThan((photos.length / 3) * 90));
});

test('a column far beside the window draws its cells when it is scrolled to', async () => {
	const far = grid(innerWidth + 2000);
	const near = grid(0);
	await vi.waitFor(() => expect(near.cells().length).toBeGreaterThan(20));
	// One is there for the keyboard.
	expect(far.cells().length).toBeLessThanOrEqual(1);
	far.board.scrollLeft = innerWidth + 2000;
	await vi.waitFor(() => expect(far.cells().length).toBeGreaterThan(20));
});

test('only what is selected bears a tick', async () => {
	const { target, cells } = grid(0, new Set(['p1', 'p3']));
	await vi.waitFor(() => expect(cells().length).toBeGreaterThan(20));
	const ticked = [...target.querySelectorAll('[role=option]:has(svg)')];
	expect(ticked.map((cell) => cell.getAttribute('data-photo')).sort()).toEqual(['p1', 'p3']);
});
