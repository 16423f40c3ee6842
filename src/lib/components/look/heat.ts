/** Where the network looked, drawn as light and in words: what it did not use goes dark, what it used stays and warms. */
import type { ActivationMap } from '$lib/domain/activation';

const side = 96;
const sigma = 0.62;
const warm = [255, 176, 59] as const;

/** @returns Gaussian weights [side, cells] that spread `cells` coarse values over `side` pixels; each row sums to 1. */
function spread(cells: number): Float32Array {
	const weights = new Float32Array(side * cells);
	for (let p = 0; p < side; p++) {
		const at = ((p + 0.5) / side) * cells - 0.5;
		let sum = 0;
		for (let c = 0; c < cells; c++)
			sum += weights[p * cells + c] = Math.exp(-((c - at) ** 2) / (2 * sigma ** 2));
		for (let c = 0; c < cells; c++) weights[p * cells + c] = (weights[p * cells + c] ?? 0) / sum;
	}
	return weights;
}

const rows = ['upper', 'middle', 'lower'];
const columns = ['left', 'middle', 'right'];

/**
 * Where the heat is strongest, in thirds of the picture as it is shown, e.g. "upper left" or "middle".
 * @returns null where there is no heat at all
 */
export function placeOfPeak({ width, height, data }: ActivationMap, mirrored: boolean): string | null {
	const most = data.reduce((a, b) => Math.max(a, b), 0);
	if (most <= 0) return null;
	const at = data.indexOf(most);
	const third = (cell: number, cells: number) => Math.floor(((cell + 0.5) / cells) * 3);
	const across = third(at % width, width);
	const row = rows[third(Math.floor(at / width), height)] ?? '';
	const column = columns[mirrored ? 2 - across : across] ?? '';
	return row === column ? row : `${row} ${column}`;
}

/** One sentence for those who do not see the picture too. */
export function heatWords(heat: ActivationMap, label: string, mirrored: boolean): string {
	const place = placeOfPeak(heat, mirrored);
	return place ? `Most for “${label}”: ${place}.` : `Nothing in the picture spoke for “${label}”.`;
}

/** Fills `canvas` with the heat, smooth, so that it can be laid over the picture. */
export function drawHeat(canvas: HTMLCanvasElement, heat: ActivationMap): void {
	canvas.width = canvas.height = side;
	const context = canvas.getContext('2d');
	if (!context) return;
	const across = spread(heat.width);
	const down = spread(heat.height);
	const image = context.createImageData(side, side);
	for (let y = 0; y < side; y++) {
		for (let x = 0; x < side; x++) {
			let value = 0;
			for (let r = 0; r < heat.height; r++) {
				let row = 0;
				for (let c = 0; c < heat.width; c++) {
					row += (across[x * heat.width + c] ?? 0) * (heat.data[r * heat.width + c] ?? 0);
				}
				value += (down[y * heat.height + r] ?? 0) * row;
			}
			const light = Math.min(1, Math.max(0, value));
			const shade = 0.7 * (1 - light) ** 1.5;
			const glow = 0.3 * light * (1 - 0.6 * light);
			const alpha = shade + glow * (1 - shade);
			const i = (y * side + x) * 4;
			warm.forEach((channel, k) => (image.data[i + k] = alpha > 0 ? (channel * glow) / alpha : 0));
			image.data[i + 3] = alpha * 255;
		}
	}
	context.putImageData(image, 0, 0);
}
