/** The keyboard's focus where parts of a screen are exchanged. */

/**
 * Moves the focus on where the element that had it went away. Call while a component is set up.
 * @param parts reads everything on which parts of the screen come and go
 * @param next selector of the element that takes over, given the one that went
 */
export function keepFocus(parts: () => unknown, next: (lost: Element) => string): void {
	let before: Element | null = null;
	$effect.pre(() => {
		parts();
		before = document.activeElement;
	});
	$effect(() => {
		parts();
		const lost = before;
		if (!lost || lost === document.body || lost.checkVisibility()) return;
		document.querySelector<HTMLElement>(next(lost))?.focus();
	});
}
