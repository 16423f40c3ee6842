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
	/** These very weights, measured after they were made; null until then. */
	measured: Measured | null;
	/** How it was trained, for people who want to do it again. */
	training: Readonly<Record<string, string | number | boolean>>;
}

export interface Measured {
	/** Photos of the person's that both the app and the file were asked about. */
	photos: number;
	/** Of those, answered alike: the same label, and sure or not sure of it. */
	alike: number;
	/** By heads of cross-validation; null where there were too few photos, for models of two layers and fine-tuned ones. */
	judged: Judged | null;
}

/** Answered right of photos that the heads of their folds had not seen. */
export interface Judged {
	photos: number;
	/** With features of the backbone as it is, and as the file gives them. */
	own: number;
	file: number;
}

/** How often a file is right by what it says of itself, 0..1; undefined where it does not say so of its own weights. */
export function shareOf({ precision, judgement, measured }: ModelFacts): number | undefined {
	if (precision === 'fp32') return judgement?.accuracy.value;
	const { judged } = measured ?? {};
	return judged && judged.photos > 0 ? judged.file / judged.photos : undefined;
}
