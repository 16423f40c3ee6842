/** Where an element lies in the window, while it scrolls, grows and is pushed about. Call while a component is set up. */

export interface Sight {
	/** Pixels: width of the element, its top relative to the window's, height of the window. */
	width: number;
	top: number;
	/** 0 where nothing of it is to be seen: far beside the window, and in its first frame, before it is looked for. */
	height: number;
}

/** Pixels beside the window that still count as in sight, so that scrolling meets no holes. */
const BESIDE = 400;

/** To be looked for in the next frame, all before any is drawn: else each would have the page laid out anew. */
const looks = new Set<() => void>();
let frame = 0;

function inNextFrame(look: () => void): void {
	looks.add(look);
	frame ||= requestAnimationFrame(() => {
		frame = 0;
		const asked = [...looks];
		looks.clear();
		for (const one of asked) one();
	});
}

/** @param read the element; undefined before it is on the page */
export function sightOf(read: () => HTMLElement | undefined): () => Sight {
	let sight: Sight = $state.raw({ width: 0, top: 0, height: 0 });
	$effect(() => {
		const element = read();
		if (!element) return;
		// The width at once: what is as tall as it will be keeps the place that the page was scrolled to.
		sight = { width: element.getBoundingClientRect().width, top: 0, height: 0 };
		const look = () => {
			const { top, width, left, right } = element.getBoundingClientRect();
			const height = right > -BESIDE && left < innerWidth + BESIDE ? innerHeight : 0;
			if (top !== sight.top || width !== sight.width || height !== sight.height)
				sight = { top, width, height };
		};
		const ask = () => inNextFrame(look);
		const observer = new ResizeObserver(ask);
		// Whatever grows above pushes this one down, and the page grows with it.
		for (const one of [element, document.body]) observer.observe(one);
		// Scrolling does not bubble; caught on its way down it may be of any box around the element.
		addEventListener('scroll', ask, { capture: true, passive: true });
		addEventListener('resize', ask);
		return () => {
			looks.delete(look);
			observer.disconnect();
			removeEventListener('scroll', ask, { capture: true });
			removeEventListener('resize', ask);
		};
	});
	return () => sight;
}
