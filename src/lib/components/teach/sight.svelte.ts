/** Where an element lies in the window, while it scrolls, grows and is pushed about. Call while a component is set up. */

export interface Sight {
	/** Pixels: width of the element, its top relative to the window's, height of the window. */
	width: number;
	top: number;
	height: number;
}

/** @param read the element; undefined before it is on the page */
export function sightOf(read: () => HTMLElement | undefined): () => Sight {
	let sight: Sight = $state.raw({ width: 0, top: 0, height: 0 });
	$effect(() => {
		const element = read();
		if (!element) return;
		let asked = 0;
		const look = () => {
			asked = 0;
			const { top, width } = element.getBoundingClientRect();
			if (top !== sight.top || width !== sight.width || innerHeight !== sight.height)
				sight = { top, width, height: innerHeight };
		};
		const ask = () => (asked ||= requestAnimationFrame(look));
		const observer = new ResizeObserver(ask);
		// Whatever grows above pushes this one down, and the page grows with it.
		for (const one of [element, document.body]) observer.observe(one);
		// Scrolling does not bubble; caught on its way down it may be of any box around the element.
		addEventListener('scroll', ask, { capture: true, passive: true });
		addEventListener('resize', ask);
		return () => {
			cancelAnimationFrame(asked);
			observer.disconnect();
			removeEventListener('scroll', ask, { capture: true });
			removeEventListener('resize', ask);
		};
	});
	return () => sight;
}
