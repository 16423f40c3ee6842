/** The large view of a photo: its keys, and what they leave alone. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Label, Photo } from '$lib/domain/project';
import LargePhoto from './LargePhoto.svelte';

const label = (id: string, name: string): Label => ({ id, name, colour: 0, off: false, trashed: null });
const photo: Photo = {
	...{ id: 'one', projectId: 'p', labelId: 'x', burstId: 'one', added: 0, source: 'file', name: 'daisy.jpg' },
	...{ width: 640, height: 480, bytes: 20_000, sha256: '', hash: '', split: 'test', trashed: null }
};
const acts = {
	onstep: vi.fn(),
	onmove: vi.fn(),
	onthrow: vi.fn(),
	onact: vi.fn(),
	onundo: vi.fn(),
	onhush: vi.fn(),
	onclose: vi.fn(),
	handback: () => false
};
let view: ReturnType<typeof mount>;

beforeEach(() => {
	vi.clearAllMocks();
	const props = {
		...{ photo, place: 1, of: 2, src: null, trouble: null, previous: false, next: true, said: null },
		labels: [label('x', 'Daisy'), label('y', 'Camomile')]
	};
	view = mount(LargePhoto, { target: document.body, props: { ...props, ...acts } });
	flushSync();
});

afterEach(() => unmount(view));

test('it says which photo it is, how it came and of what size it is', async () => {
	const dialog = page.getByRole('dialog', { name: 'Photo 1 of 2, Daisy' });
	await expect.element(dialog).toHaveTextContent('daisy.jpg');
	await expect.element(dialog).toHaveTextContent('640 × 480 pixels, 20 kB');
	await expect.element(dialog).toHaveTextContent('One of your own test photos');
});

test('keys go on, throw away and undo; where there is no photo before it none is shown', async () => {
	await userEvent.keyboard('{ArrowLeft}');
	expect(acts.onstep).not.toHaveBeenCalled();
	await userEvent.keyboard('{ArrowRight}');
	expect(acts.onstep).toHaveBeenCalledExactlyOnceWith(1);
	await userEvent.keyboard('{Delete}');
	expect(acts.onthrow).toHaveBeenCalledOnce();
	await userEvent.keyboard('{Control>}z{/Control}');
	expect(acts.onundo).toHaveBeenCalledOnce();
	await userEvent.keyboard('{Escape}');
	expect(acts.onclose).toHaveBeenCalledOnce();
});

test('the choice of its label keeps its keys to itself', async () => {
	const choice = page.getByLabelText('Its label');
	choice.element().dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
	choice.element().dispatchEvent(new KeyboardEvent('keydown', { key: 'Delete', bubbles: true }));
	expect(acts.onstep).not.toHaveBeenCalled();
	expect(acts.onthrow).not.toHaveBeenCalled();
	await userEvent.selectOptions(choice, 'Camomile');
	expect(acts.onmove).toHaveBeenCalledExactlyOnceWith('y');
});
