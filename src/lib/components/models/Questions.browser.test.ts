/** What a model's file leaves open, when the questions are come back to. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import type { Answers, Received } from '$lib/domain/received';
import Questions from './Questions.svelte';

const guess = { layout: 'NCHW', size: 224, range: 'unit' } as const;
const numbered = (classes: number) => Array.from({ length: classes }, (_, i) => `Class ${i + 1}`);
const imagenet = Array.from({ length: 1000 }, (_, i) => `thing ${i}`);

const shown: Record<string, unknown>[] = [];
afterEach(() => Promise.all(shown.splice(0).map((one) => unmount(one))));

test.each([
	['numbers', numbered(1000)],
	['imagenet', imagenet],
	['file', imagenet.toReversed()]
])('the names come from where they came from before: %s', (source, labels) => {
	const answered: Answers[] = [];
	const received: Received = {
		...{ kind: 'onnx', came: { name: 'a.onnx', bytes: 1, sha256: '' }, onnx: new Uint8Array(), sha256: '' },
		...{ name: 'a', licence: '', attribution: '', source: '', classes: labels.length, labels: null },
		...{ input: { name: null, layout: 'NCHW', size: null, range: null }, guess, outputs: null, facts: null }
	};
	const props = {
		...{ received, before: { ...guess, labels }, trouble: 'It does not run.', imagenet },
		readNames: () => Promise.resolve(null),
		onanswer: (answers: Answers) => answered.push(answers)
	};
	shown.push(mount(Questions, { target: document.body, props }));
	flushSync();
	expect(document.querySelector<HTMLInputElement>('[name=names]:checked')?.value).toBe(source);
	document.querySelector('form')?.requestSubmit();
	expect(answered).toEqual([{ ...guess, labels }]);
});
