/**
 * The card of a taught model, as it travels in its file: what it knows, what it stands on, how good it is and how
 * that was found out. Plain data; written as JSON into the file's metadata (docs/architecture.md, "model").
 */
import type { Crop } from './crop';
import type { Estimate } from './evaluation';
import type { RefusedKind } from './training';

/** Of the weights in the file. */
export type Precision = 'fp32' | 'fp16' | 'int8';

export interface ModelFacts {
	format: 'lensmith-model';
	/** Raised where older readers would misunderstand. */
	version: 1;
	name: string;
	/** Milliseconds since 1970, of the training. */
	created: number;
	/** The app's name and version. */
	app: string;
	labels: readonly { name: string; photos: number }[];
	backbone: {
		id: string;
		name: string;
		/** Of the backbone's own file. */
		sha256: string;
		licence: string;
		attribution: string;
		source: string;
	};
	crop: Crop;
	precision: Precision;
	/** How good it is by photos that it had not seen; null where there were too few. */
	judgement: {
		source: 'folds' | 'test';
		photos: number;
		accuracy: Estimate;
		/** Expected calibration error, 0..1. */
		calibrationError: number;
	} | null;
	/** What it does with photos of other things; null where that was not measured. */
	strangers: { kept: number; near: number | null; far?: readonly RefusedKind[] } | null;
	/**
	 * These very weights, measured after they were made: answered right of the same photos, none of them seen in
	 * training, by the app's own model and by this file; null where there were too few photos.
	 */
	measured: Measured | null;
	/** How it was trained, for people who want to do it again. */
	training: Readonly<Record<string, string | number | boolean>>;
}

export interface Measured {
	photos: number;
	/** Photos answered right. */
	own: number;
	file: number;
	/** Photos that both answer alike. */
	alike: number;
}
