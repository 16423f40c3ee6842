/** The steps that a network's last blocks consist of, without a trace of ONNX's versions: all axes count from its [N, C, H, W]. */

/** Rows and columns. */
export type Pair = readonly [height: number, width: number];

/** How a window goes over a map. */
export interface Sliding {
	strides: Pair;
	/** Top, left, bottom, right; or as many as keep the size, the odd one at the end or at the start. */
	pads: readonly [top: number, left: number, bottom: number, right: number] | 'SAME_UPPER' | 'SAME_LOWER';
}

/** Operands are names: of what the program is fed, of parameters, of constants or of earlier steps. */
export type Step =
	| ({
			kind: 'conv';
			input: string;
			/** [out, in / groups, height, width] */
			kernel: string;
			/** [out] */
			bias: string | null;
			dilations: Pair;
			groups: number;
			output: string;
	  } & Sliding)
	| {
			kind: 'normalise';
			input: string;
			/** [C], as are the other three; mean and variance are constants. */
			scale: string;
			bias: string;
			mean: string;
			variance: string;
			epsilon: number;
			output: string;
	  }
	| { kind: 'same' | 'relu' | 'sigmoid' | 'hardSwish'; input: string; output: string }
	/** max(0, min(1, slope · x + offset)) */
	| { kind: 'hardSigmoid'; input: string; slope: number; offset: number; output: string }
	/** Either end may be infinite. */
	| { kind: 'clip'; input: string; min: number; max: number; output: string }
	/** Broadcast against each other from the last axis. */
	| { kind: 'add' | 'sub' | 'mul' | 'div'; left: string; right: string; output: string }
	| {
			kind: 'mean' | 'length';
			input: string;
			/** null: all. Negative ones count from the last. */
			axes: readonly number[] | null;
			keep: boolean;
			output: string;
	  }
	| ({
			kind: 'maxPool' | 'averagePool';
			input: string;
			window: Pair;
			/** The last window may reach beyond the margin. */
			ceil: boolean;
			/** Margins count in averages. */
			countPads: boolean;
			output: string;
	  } & Sliding)
	| { kind: 'concat'; inputs: readonly string[]; axis: number; output: string }
	/** To two axes: those before `axis`, and it with all behind. */
	| { kind: 'flatten'; input: string; axis: number; output: string }
	/** 0 keeps a dimension, −1 is what is left. */
	| { kind: 'reshape'; input: string; shape: readonly number[]; output: string }
	/** null: all axes of size 1 but the first, which counts the pictures. */
	| { kind: 'squeeze'; input: string; axes: readonly number[] | null; output: string }
	/** The result has axes of size 1 there; negative ones count from its last. */
	| { kind: 'unsqueeze'; input: string; axes: readonly number[]; output: string }
	/** The result's axis i is the input's axis order[i]; null reverses them. */
	| { kind: 'transpose'; input: string; order: readonly number[] | null; output: string }
	| {
			kind: 'split';
			input: string;
			axis: number;
			/** null: alike, but for the last, which takes what is left. */
			sizes: readonly number[] | null;
			/** '' is used by none. */
			outputs: readonly string[];
	  }
	/** Ends count from the last where they are negative and are cut to what is there. */
	| {
			kind: 'slice';
			input: string;
			axes: readonly number[] | null;
			starts: readonly number[];
			ends: readonly number[];
			output: string;
	  }
	/** alpha · left · right + beta · bias; each matrix transposed where its flag says so. */
	| {
			kind: 'gemm';
			left: string;
			right: string;
			bias: string | null;
			transposed: readonly [left: boolean, right: boolean];
			alpha: number;
			beta: number;
			output: string;
	  }
	/** The last axis of `left` with a matrix. */
	| { kind: 'matMul'; left: string; right: string; output: string }
	/** @property flat over all axes from `axis` on together, as ONNX meant it before version 13 */
	| { kind: 'softmax'; input: string; axis: number; flat: boolean; output: string };
