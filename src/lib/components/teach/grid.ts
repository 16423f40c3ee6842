/** What a label's grid shows: photos, and bursts as stacks; which of it is on screen; where the arrow keys lead. */
import type { Photo } from '$lib/domain/project';

export interface Item {
	photo: Photo;
	/** Of the label's photos as shown, from 1. */
	place: number;
	/** Photos of its burst in this label; 1 for a single one. */
	burst: number;
	/** One cell stands for the whole burst. */
	stack: boolean;
	/** The first cell of a burst that is spread out. */
	opened: boolean;
	/** What selecting the cell selects. */
	ids: readonly string[];
}

/**
 * @param photos of one label, newest first
 * @param open bursts that are spread out
 * @returns a cell each; the photos of a burst stand together, where its newest one is
 */
export function itemsOf(photos: readonly Photo[], open: ReadonlySet<string>): Item[] {
	const bursts = new Map<string, Photo[]>();
	for (const photo of photos) {
		const burst = bursts.get(photo.burstId);
		if (burst) burst.push(photo);
		else bursts.set(photo.burstId, [photo]);
	}
	let place = 1;
	return [...bursts].flatMap(([id, burst]) => {
		const ids = burst.map((photo) => photo.id);
		const first = place;
		place += burst.length;
		const stack = burst.length > 1 && !open.has(id);
		return (stack ? burst.slice(0, 1) : burst).map((photo, i) => ({
			photo,
			place: first + i,
			burst: burst.length,
			stack,
			opened: !stack && burst.length > 1 && i === 0,
			ids: stack ? ids : [photo.id]
		}));
	});
}

/** One after the other as the cells show them with all bursts spread out. */
export function inOrder(photos: readonly Photo[]): Photo[] {
	return itemsOf(photos, new Set(photos.map(({ burstId }) => burstId))).map(({ photo }) => photo);
}

/** "Photo 12 of 40, from a burst of 8" */
export function itemWords({ place, burst, stack, opened }: Item, of: number): string {
	if (stack) return `Burst of ${burst} photos, from photo ${place} of ${of}. Enter spreads it out`;
	const from = burst > 1 ? `, from a burst of ${burst}` : '';
	return `Photo ${place} of ${of}${from}${opened ? '. Enter stacks the burst' : ''}`;
}

export interface Area {
	/** Cells side by side, at least 1. */
	columns: number;
	rows: number;
	/** Pixels from one cell to the next. */
	pitch: number;
}

/** @param width of the grid in pixels; `gap` between cells of at least `least` pixels */
export function areaOf(count: number, width: number, least: number, gap: number): Area {
	const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
	return { columns, rows: Math.ceil(count / columns), pitch: (width + gap) / columns };
}

/**
 * The cells to draw: those in sight, and some beyond so that scrolling meets no holes.
 * @param top of the grid, relative to the top of what is in sight; negative when scrolled past
 * @param height of what is in sight; 0 where nothing of the grid is
 */
export function cellsInSight(
	{ columns, rows, pitch }: Area,
	top: number,
	height: number,
	beyond: number
): { start: number; end: number } {
	if (height === 0) return { start: 0, end: 0 };
	const first = Math.floor((-top - beyond) / pitch);
	const last = Math.ceil((height - top + beyond) / pitch);
	const start = Math.min(rows, Math.max(0, first)) * columns;
	return { start, end: Math.max(start, Math.min(rows, Math.max(0, last)) * columns) };
}

/** @returns the cell that a key leads to; null where the key leads nowhere */
export function cellByKey(
	key: string,
	from: number,
	count: number,
	columns: number,
	page: number
): number | null {
	const steps: Record<string, number> = {
		ArrowLeft: -1,
		ArrowRight: 1,
		ArrowUp: -columns,
		ArrowDown: columns,
		PageUp: -columns * page,
		PageDown: columns * page,
		Home: -count,
		End: count
	};
	const step = steps[key];
	if (step === undefined || count === 0) return null;
	const to = from + step;
	// Up from the first row and down from the last stay in their column.
	if ((key === 'ArrowUp' && to < 0) || (key === 'ArrowDown' && to >= count && sameRow(from, count, columns)))
		return from;
	return Math.min(count - 1, Math.max(0, to));
}

/** The last row holds it. */
function sameRow(cell: number, count: number, columns: number): boolean {
	return Math.floor(cell / columns) === Math.floor((count - 1) / columns);
}

/** Ids of the cells from one to another, both included, whichever comes first. */
export function idsBetween(items: readonly Item[], a: number, b: number): string[] {
	return items.slice(Math.min(a, b), Math.max(a, b) + 1).flatMap(({ ids }) => ids);
}
