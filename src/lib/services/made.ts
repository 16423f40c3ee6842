/** Files of the networks that the app makes itself: written when they are asked for, kept nowhere. */
import type { FileFacts } from '$lib/domain/card';
import { Trouble } from '$lib/domain/trouble';
import type { OpenedFile } from '$lib/storage/verified';
import { MADE_LABELS, madeCards } from '$models/made';

type Facts = Pick<FileFacts, 'url'>;

const cardOf = ({ url }: Facts) => madeCards.find(({ file }) => file.url === url);

export const isMade = (file: Facts): boolean =>
	cardOf(file) !== undefined || madeCards.some(({ labels }) => labels.url === file.url);

/** @param file that `isMade` @throws Trouble 'made-missing' where a part of the app could not be loaded */
export async function openMade(file: Facts): Promise<OpenedFile> {
	const card = cardOf(file);
	const bytes = card ? await network(card.input.size) : new TextEncoder().encode(MADE_LABELS);
	return { bytes: bytes.buffer, from: 'kept', kept: true };
}

/** Writing graphs takes a library that most visits never need. */
async function network(size: number): Promise<Uint8Array<ArrayBuffer>> {
	const { lectureCnn } = await import('$lib/onnx/lecture-cnn').catch((cause: unknown) => {
		throw new Trouble('made-missing', 'A part of the app could not be loaded. Reload the page.', { cause });
	});
	return lectureCnn(size);
}
