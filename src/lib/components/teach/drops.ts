/** Files dragged over an element and dropped on it. */

interface Drops {
	/** Whether files hang over it now. */
	onover(over: boolean): void;
	ondropped(data: DataTransfer): void;
}

export const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** Svelte action. What lies around it does not see a drop that it took. */
export function dropTarget(node: HTMLElement, drops: Drops) {
	let current = drops;
	const stop = new AbortController();
	const on = <K extends 'dragenter' | 'dragover' | 'dragleave' | 'drop'>(
		type: K,
		act: (event: DragEvent) => void
	) => node.addEventListener(type, (event) => hasFiles(event) && act(event), { signal: stop.signal });
	const over = (event: DragEvent) => {
		event.preventDefault();
		current.onover(true);
	};
	on('dragenter', over);
	on('dragover', over);
	on('dragleave', ({ relatedTarget }) => {
		if (!(relatedTarget instanceof Node && node.contains(relatedTarget))) current.onover(false);
	});
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
