/** The large view of a photo: its keys, and what they leave alone. */
import { flushSync, mount, unmount, type ComponentProps } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Label, Photo } from '$lib/domain/project';
import LargeSheet from './LargeSheet.svelte';

const label = (id: string, name: string): Label => ({ id, name, colour: 0, off: false, trashed: null });
const photo: Photo = {
	...{ id: 'one', projectId: 'p', labelId: 'x', burstId: 'one', added: 0, source: 'file', name: 'daisy.jpg' },
	...{ width: 640, height: 480, bytes: 20_000, sha256: '', hash: '', split: 'test', trashed: null }
};
const acts = {
	onstep: vi.fn(),
	onmove: vi.fn(),
	onmovenew: vi.fn(),
	onthrow: vi.fn(),
	onact: vi.fn(),
	onundo: vi.fn(),
	onredo: vi.fn(),
	onhush: vi.fn(),
	onclose: vi.fn(),
	ondismiss: vi.fn(),
	handback: () => false
};
let view: ReturnType<typeof mount> | undefined;

/** @param changed what is other than usual: the first of two photos, nothing done and nothing wrong */
function show(changed: Partial<ComponentProps<typeof LargeSheet>> = {}) {
	const props = {
		...{ photo, place: 1, of: 2, src: null, trouble: null, previous: false, next: true, said: null },
		labels: [label('x', 'Daisy'), label('y', 'Camomile')]
	};
	view = mount(LargeSheet, { target: document.body, props: { ...props, ...acts, ...changed } });
	flushSync();
}

beforeEach(() => vi.clearAllMocks());
afterEach(async () => {
	if (view) await unmount(view);
	view = undefined;
});

test('it says which photo it is, how it came and of what size it is', async () => {
	show();
	const dialog = page.getByRole('dialog', { name: 'Photo 1 of 2, Daisy' });
	await expect.element(dialog).toHaveTextContent('daisy.jpg');
	await expect.element(dialog).toHaveTextContent('640 × 480 pixels, 20 kB');
	await expect.element(dialog).toHaveTextContent('One of your own test photos');
});

test('keys go on, throw away and undo; where there is no photo before it none is shown', async () => {
	show();
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

test('what was undone is done again by either key', async () => {
	show();
	await userEvent.keyboard('{Control>}{Shift>}z{/Shift}{/Control}');
	await userEvent.keyboard('{Control>}y{/Control}');
	expect(acts.onredo).toHaveBeenCalledTimes(2);
	expect(acts.onundo).not.toHaveBeenCalled();
});

test('after another label was chosen, keys go through the photos and undo, and change no label', async () => {
	show();
	const choice = page.getByRole('button', { name: 'Daisy (move to another label)' });
	await userEvent.click(choice);
	const picker = page.getByRole('dialog', { name: 'Move this photo to' });
	// Its own keys are meant for the list of labels.
	await userEvent.keyboard('{Delete}{ArrowRight}');
	expect(acts.onthrow).not.toHaveBeenCalled();
	expect(acts.onstep).not.toHaveBeenCalled();
	await expect.element(picker.getByRole('button', { name: 'Daisy' })).not.toBeInTheDocument();
	await userEvent.click(picker.getByRole('button', { name: 'Camomile' }));
	expect(acts.onmove).toHaveBeenCalledExactlyOnceWith('y');
	await expect.element(choice).toHaveFocus();
	await userEvent.keyboard('{ArrowRight}{ArrowDown}{Control>}z{/Control}');
	expect(acts.onstep).toHaveBeenCalledExactlyOnceWith(1);
	expect(acts.onundo).toHaveBeenCalledOnce();
	expect(acts.onmove).toHaveBeenCalledOnce();
});

test('it is moved to a label that is not there yet, by the keyboard alone', async () => {
	show();
	await userEvent.click(page.getByRole('button', { name: 'Daisy (move to another label)' }));
	await userEvent.click(page.getByRole('button', { name: 'A new label' }));
	await expect.element(page.getByLabelText('Name of the label')).toHaveFocus();
	await userEvent.keyboard('Rose{ArrowLeft}{Backspace}{Enter}');
	expect(acts.onmovenew).toHaveBeenCalledExactlyOnceWith('Roe');
	expect(acts.onthrow).not.toHaveBeenCalled();
	expect(acts.onstep).not.toHaveBeenCalled();
});

test('a label that it could not be moved to is not shown as its own', async () => {
	show({ trouble: 'This could not be saved.' });
	await userEvent.click(page.getByRole('button', { name: 'Daisy (move to another label)' }));
	await userEvent.click(page.getByRole('button', { name: 'Camomile' }));
	await expect
		.element(page.getByRole('button', { name: 'Daisy (move to another label)' }))
		.toHaveTextContent('Daisy');
	await userEvent.click(page.getByRole('button', { name: 'Got it' }));
	expect(acts.ondismiss).toHaveBeenCalledOnce();
});

test('a key that is held down throws away one photo, and does not close what it opened', async () => {
	show();
	await expect.element(page.getByRole('group', { name: 'Photo 1 of 2, Daisy' })).toHaveFocus();
	await userEvent.keyboard('{Enter>4/}');
	expect(acts.onclose).not.toHaveBeenCalled();
	await userEvent.keyboard('{Delete>4/}');
	expect(acts.onthrow).toHaveBeenCalledOnce();
});

for (const [end, words, key] of [
	[{ previous: true, next: false }, 'Next photo', '{ArrowRight}'],
	[{ previous: false, next: true }, 'Previous photo', '{ArrowLeft}']
] as const)
	test(`the focus stays on “${words}” where there is none`, async () => {
		show(end);
		const button = page.getByRole('button', { name: words });
		await expect.element(button).toBeVisible();
		button.element().focus();
		await userEvent.keyboard(`{Enter}${key}`);
		expect(acts.onstep).not.toHaveBeenCalled();
		await expect.element(button).toHaveFocus();
	});
