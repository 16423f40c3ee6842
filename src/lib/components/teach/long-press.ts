/** A finger that stays on something: selects it. The click and the menu that browsers make of it are left out. */

const LONG_MS = 450;
/** Pixels that a finger may tremble. */
const STILL = 10;

/** Svelte action. @param onlong gets what lies under the finger */
export function longPress(node: HTMLElement, onlong: (target: EventTarget | null) => void) {
	let timer: ReturnType<typeof setTimeout> | undefined;
	let start = { x: 0, y: 0 };
	let done = false;
	let act = onlong;
	const give = () => clearTimeout(timer);
	const down = (event: PointerEvent) => {
		done = false;
		give();
		if (event.pointerType === 'mouse') return;
		start = { x: event.clientX, y: event.clientY };
		const { target } = event;
		timer = setTimeout(() => {
			done = true;
			act(target);
		}, LONG_MS);
	};
	const move = ({ clientX, clientY }: PointerEvent) => {
		if (Math.hypot(clientX - start.x, clientY - start.y) > STILL) give();
	};
	const swallow = (event: Event) => {
		if (!done) return;
		event.preventDefault();
		event.stopPropagation();
		if (event.type === 'click') done = false;
	};
	const stop = new AbortController();
	const { signal } = stop;
	node.addEventListener('pointerdown', down, { signal });
	node.addEventListener('pointermove', move, { signal });
	for (const type of ['pointerup', 'pointercancel'] as const) node.addEventListener(type, give, { signal });
	for (const type of ['click', 'contextmenu'])
		node.addEventListener(type, swallow, { capture: true, signal });
	return {
		update: (next: typeof onlong) => (act = next),
		destroy: () => {
			give();
			stop.abort();
		}
	};
}
