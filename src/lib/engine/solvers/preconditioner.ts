/**
 * Böhning's bound ("Multinomial logistic regression algorithm", 1992) as a preconditioner: the Hessian never
 * exceeds ½ (I − 11ᵀ/C) ⊗ S, S the covariance of x, whatever the weights. With L Lᵀ = S/2 + λI the solver works
 * on V = W L and c = b/√2, in which that bound is at most the identity. This is what scaling the principal axes
 * by 1/√(s/2 + λ) does, up to a rotation, which L-BFGS does not notice; a factorisation is 20 times cheaper than axes.
 */
import { cholesky, transposed } from './cholesky';
import type { Design, Room } from './design';
import { addScaled } from './vectors';
import { FLOAT_BYTES, fourRows, type Block } from './workspace';

/** L of S/2 + λI and Lᵀ, [axes, axes]. */
export interface Preconditioner {
	lower: Float64Array;
	upper: Float64Array;
}

/** The same for all folds of one λ. */
export function preconditioner({ covariance, axes }: Design, lambda: number): Preconditioner {
	const bound = covariance.map((s) => s / 2);
	for (let i = 0; i < axes; i++) bound[i * axes + i] = (bound[i * axes + i] ?? 0) + lambda;
	const lower = cholesky(bound, axes);
	return { lower, upper: transposed(lower, axes) };
}

/** Both triangles are copied to where the kernels find them, unless they are there. */
export function load(room: Room, factor: Preconditioner): void {
	if (room.factor === factor) return;
	room.lower.values.set(factor.lower);
	room.upper.values.set(factor.upper);
	room.factor = factor;
}

/**
 * Each class' weights become L⁻ᵀ w or L⁻¹ w, four classes at a time, and its bias √2 times as large.
 *
 * @param half which triangle, in the design's room
 */
export function solveInPlace(design: Design, classes: number, half: 'lower' | 'upper', of: Block): void {
	const { axes, workspace, room } = design;
	const { dotFour } = workspace.kernels;
	const triangle = room[half];
	const out = room.four.values;
	const width = axes + 1;
	for (let first = 0; first < classes; first += 4) {
		const start = first * width;
		const count = Math.min(4, classes - first);
		const [a, b, c, d] = fourRows(of.address + start * FLOAT_BYTES, count, width * FLOAT_BYTES);
		for (let step = 0; step < axes; step++) {
			const i = half === 'lower' ? step : axes - 1 - step;
			const from = half === 'lower' ? 0 : i + 1;
			const skip = from * FLOAT_BYTES;
			const row = triangle.address + (i * axes + from) * FLOAT_BYTES;
			dotFour(row, a + skip, b + skip, c + skip, d + skip, step, room.four.address);
			const pivot = triangle.values[i * (axes + 1)] ?? 0;
			for (let k = 0, at = start + i; k < count; k++, at += width)
				of.values[at] = ((of.values[at] ?? 0) - (out[k] ?? 0)) / pivot;
		}
	}
	for (let at = axes; at < classes * width; at += width) of.values[at] = (of.values[at] ?? 0) * Math.SQRT2;
}

/** V = W L and c = b/√2. */
export function toScaled(
	weights: Float64Array,
	{ lower }: Preconditioner,
	{ axes }: Pick<Design, 'axes'>
): Float64Array {
	const scaled = new Float64Array(weights.length);
	for (let start = 0; start < weights.length; start += axes + 1) {
		for (let i = 0; i < axes; i++) addScaled(scaled, start, lower, i * axes, i + 1, weights[start + i] ?? 0);
		scaled[start + axes] = (weights[start + axes] ?? 0) / Math.SQRT2;
	}
	return scaled;
}
