/** Files, or photos of the project, that are dragged over an element and dropped on it. */
import { photoCount } from '$lib/domain/edits';

interface Drops {
	/** What it takes; files where left out. */
	takes?: (event: DragEvent) => boolean;
	/** Whether such things hang over it now. */
	onover(over: boolean): void;
	ondropped(data: DataTransfer): void;
}

/** Photos that are dragged are told by their ids; no other app takes them for anything. */
const PHOTOS = 'application/x-lensmith-photos';

const hasPhotos = (event: DragEvent) => event.dataTransfer?.types.includes(PHOTOS) ?? false;

/** What is dragged can be read only when it is dropped; of which kind it is, before. Kinds are in small letters. */
const photosOf = (labelId: string) => `${PHOTOS}-of-${labelId.toLowerCase()}`;

/** @param labelId the label that all of them have; null where they have several */
export function dragPhotos(data: DataTransfer, ids: readonly string[], labelId: string | null): void {
	data.effectAllowed = 'move';
	data.setData(PHOTOS, JSON.stringify(ids));
	if (labelId !== null) data.setData(photosOf(labelId), '');
}

/** Photos of which some have another label. */
export const hasPhotosForLabel = (event: DragEvent, labelId: string) =>
	hasPhotos(event) && !event.dataTransfer?.types.includes(photosOf(labelId));

/** What hangs at the pointer where it is more than one photo: how many. */
export function showDragged(data: DataTransfer, count: number): void {
	const sign = document.createElement('div');
	sign.className = 'dragged';
	sign.textContent = photoCount(count);
	document.body.append(sign);
	data.setDragImage(sign, 0, 0);
	// It is drawn before the next task.
	setTimeout(() => sign.remove());
}

/** Ids of the photos that were dropped; none of what is something else. */
export function photosIn(data: DataTransfer): string[] {
	try {
		const ids: unknown = JSON.parse(data.getData(PHOTOS));
		return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
	} catch {
		return [];
	}
}

export const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** Svelte action. What lies around it does not see a drop that it took. */
export function dropTarget(node: HTMLElement, drops: Drops) {
	let current = drops;
	const stop = new AbortController();
	const on = <K extends 'dragenter' | 'dragover' | 'dragleave' | 'drop'>(
		type: K,
		act: (event: DragEvent) => void
	) =>
		node.addEventListener(type, (event) => (current.takes ?? hasFiles)(event) && act(event), {
			signal: stop.signal
		});
	const over = (event: DragEvent) => {
		event.preventDefault();
		if (event.dataTransfer && hasPhotos(event)) event.dataTransfer.dropEffect = 'move';
		current.onover(true);
	};
	on('dragenter', over);
	on('dragover', over);
	on('dragleave', ({ relatedTarget }) => {
		if (!(relatedTarget instanceof Node && node.contains(relatedTarget))) current.onover(false);
	});
	// Given up, by Escape: what it hung over is not told.
	addEventListener('dragend', () => current.onover(false), { signal: stop.signal });
	on('drop', (event) => {
		event.preventDefault();
		event.stopPropagation();
		current.onover(false);
		if (event.dataTransfer) current.ondropped(event.dataTransfer);
	});
	return {
		update: (next: Drops) => (current = next),
		destroy: () => stop.abort()
	};
}
