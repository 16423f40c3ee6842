/** What is for web pages and Python, while it comes and where it cannot be had. */
import { mount, unmount } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import ForOthers from './ForOthers.svelte';

let shown: ReturnType<typeof mount> | undefined;
afterEach(async () => {
	if (shown) await unmount(shown);
});

/** @returns what the page says */
function show(facts: { ready?: boolean; script?: string | null; trouble?: string | null }): string {
	const given = { ready: false, script: null, trouble: null, said: null, model: 'Balcony.onnx', ...facts };
	const acts = { onopen: () => undefined, onsave: () => undefined };
	shown = mount(ForOthers, { target: document.body, props: { ...given, ...acts } });
	return document.querySelector('details')?.textContent ?? '';
}

test('what is on its way is waited for', () => {
	expect(show({})).toContain('Gathering');
});

test('what could not be loaded is not waited for', () => {
	const words = show({ trouble: 'This part of the app could not be loaded.' });
	expect(words).toContain('could not be loaded');
	expect(words).not.toContain('Gathering');
});

test('a file that could not be written leaves the script where it is', () => {
	const words = show({ ready: true, script: 'import onnxruntime', trouble: 'It could not be written.' });
	expect(words).toContain('import onnxruntime');
});
