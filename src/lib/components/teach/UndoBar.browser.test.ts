/** How long the message about what was done stays. */
import { mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import UndoBar from './UndoBar.svelte';

const STAYS_MS = 12_000;
const onclose = vi.fn();
let bar: ReturnType<typeof mount>;

beforeEach(() => {
	vi.useFakeTimers();
	onclose.mockReset();
	const props = {
		words: 'Moved 6 photos to Daisy',
		step: 1,
		action: 'Undo' as const,
		onact: () => undefined
	};
	bar = mount(UndoBar, { target: document.body, props: { ...props, onclose } });
	vi.advanceTimersByTime(1);
});

afterEach(async () => {
	await unmount(bar);
	vi.useRealTimers();
});

function part(selector: string): HTMLElement {
	const found = document.querySelector<HTMLElement>(selector);
	if (!found) throw new Error(`There is no ${selector}.`);
	return found;
}

async function wait(ms: number): Promise<void> {
	await vi.advanceTimersByTimeAsync(ms);
}

test('it goes by itself', async () => {
	await wait(STAYS_MS - 100);
	expect(onclose).not.toHaveBeenCalled();
	await wait(200);
	expect(onclose).toHaveBeenCalledOnce();
});

test('neither focus that was moved there nor a pointer that it came up under holds it', async () => {
	part('[data-said] button').focus();
	part('[data-said]').dispatchEvent(new PointerEvent('pointerenter', { pointerType: 'mouse' }));
	await wait(STAYS_MS + 100);
	expect(onclose).toHaveBeenCalledOnce();
});

test('whoever is at it with keys or a pointer has the whole time again', async () => {
	for (const sign of [
		new KeyboardEvent('keyup', { key: 'Tab', bubbles: true }),
		new PointerEvent('pointermove', { bubbles: true })
	]) {
		await wait(STAYS_MS - 100);
		part('[data-said] button').dispatchEvent(sign);
	}
	await wait(STAYS_MS - 100);
	expect(onclose).not.toHaveBeenCalled();
	await wait(200);
	expect(onclose).toHaveBeenCalledOnce();
});
