/**
 * What can go wrong with a download, in words.
 */
import type { FileFacts } from '$lib/domain/card';
import { Trouble } from '$lib/domain/trouble';

const resumes = 'It goes on from where it stopped.';
const words = {
	'download-offline': () =>
		`The server cannot be reached: there may be no network now. Try again when there is one. ${resumes}`,
	'download-cut': () => `The connection ended on the way. Try again. ${resumes}`,
	'download-html': () =>
		`A web page came in place of the file: the network may want you to sign in first. Then try again. ${resumes}`,
	'download-refused': () =>
		`The server refused the file; it may be busy, or have it no longer. Try again later, or choose another one. ${resumes}`,
	'download-wrong': () =>
		'The server sent something else than this file. Nothing was kept. Try again later, or choose another one.',
	'download-full': ({ bytes }: FileFacts) =>
		`It does not fit: ${megabytes(bytes)} are needed on this device. Nothing was kept of it. Free some space, or remove another downloaded model, and try again.`,
	'download-nowhere': () =>
		'This page can keep nothing (a private window, or not a secure address), so a download would be lost.',
	'download-elsewhere': () => 'Another tab is downloading this file. Wait for it, or pause it there.'
};

export function downloadTrouble(code: keyof typeof words, file: FileFacts, cause?: unknown): Trouble {
	return new Trouble(code, words[code](file), { cause });
}

function megabytes(bytes: number): string {
	return `${Math.ceil(bytes / 1e6)} MB`;
}
