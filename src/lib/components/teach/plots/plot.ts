/** Geometry of the small plots: scales, ticks and paths. Pixels of the drawing, origin at the top left. */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

export interface Axis {
	/** Range of the values, lowest first. */
	domain: readonly [number, number];
	/** About as many ticks. */
	ticks: number;
	words(value: number): string;
}

export interface Frame {
	width: number;
	height: number;
	left: number;
	right: number;
	top: number;
	bottom: number;
}

interface Tick {
	/** Pixels along the axis. */
	at: number;
	words: string;
}

export interface Drawing {
	x(value: number): number;
	y(value: number): number;
	xTicks: Tick[];
	yTicks: Tick[];
}

/** Where values lie in a frame; larger y is higher. */
export function draw(frame: Frame, xAxis: Axis, yAxis: Axis): Drawing {
	const x = scaleLinear(xAxis.domain, [frame.left, frame.width - frame.right]);
	const y = scaleLinear(yAxis.domain, [frame.height - frame.bottom, frame.top]);
	return {
		x,
		y,
		xTicks: x.ticks(xAxis.ticks).map((value) => ({ at: x(value), words: xAxis.words(value) })),
		yTicks: y.ticks(yAxis.ticks).map((value) => ({ at: y(value), words: yAxis.words(value) }))
	};
}

/**
 * A line through points; one without a value is a gap.
 * @returns the `d` of an SVG path, '' without points
 */
export function pathThrough(
	{ x, y }: Pick<Drawing, 'x' | 'y'>,
	points: readonly { x: number; y: number | null }[]
): string {
	const through = line<{ x: number; y: number | null }>()
		.defined((point) => point.y !== null)
		.x((point) => x(point.x))
		.y((point) => y(point.y ?? 0));
	return through(points) ?? '';
}
