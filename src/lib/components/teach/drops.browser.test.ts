/** Photos that are dragged: which labels take them, and how it ends. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dragPhotos, dropTarget, hasPhotosForLabel, photosIn, showDragged } from './drops';

const onover = vi.fn<(over: boolean) => void>();
const ondropped = vi.fn<(data: DataTransfer) => void>();
let node: HTMLElement;
let target: ReturnType<typeof dropTarget>;

beforeEach(() => {
	vi.clearAllMocks();
	node = document.createElement('section');
	document.body.append(node);
	const takes = (event: DragEvent) => hasPhotosForLabel(event, 'Daisy-1');
	target = dropTarget(node, { takes, onover, ondropped });
});
afterEach(() => {
	target.destroy();
	node.remove();
});

function drag(labelId: string | null, ...kinds: string[]): DataTransfer {
	const dataTransfer = new DataTransfer();
	dragPhotos(dataTransfer, ['a', 'b'], labelId);
	for (const kind of kinds)
		node.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
	return dataTransfer;
}

test('a label takes photos of another one and of several, and shows nothing for its own', () => {
	drag('Daisy-1', 'dragenter', 'dragover', 'drop');
	expect(onover).not.toHaveBeenCalled();
	expect(ondropped).not.toHaveBeenCalled();
	for (const labelId of ['camomile', null]) drag(labelId, 'dragover', 'drop');
	expect(onover.mock.calls.flat()).toEqual([true, false, true, false]);
	expect(ondropped.mock.calls.map(([data]) => photosIn(data))).toEqual([
		['a', 'b'],
		['a', 'b']
	]);
});

test('a drag that is given up leaves no outline', () => {
	drag('camomile', 'dragover');
	expect(onover).toHaveBeenLastCalledWith(true);
	document.body.dispatchEvent(new DragEvent('dragend', { bubbles: true }));
	expect(onover).toHaveBeenLastCalledWith(false);
});

test('how many are dragged hangs at the pointer, and is gone from the page at once', async () => {
	const shown = vi.spyOn(DataTransfer.prototype, 'setDragImage');
	showDragged(new DataTransfer(), 1200);
	const [sign] = shown.mock.calls[0] ?? [];
	expect(sign?.textContent).toBe('1,200 photos');
	await vi.waitFor(() => expect(sign?.isConnected).toBe(false));
});
