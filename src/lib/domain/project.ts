/** What a person teaches: projects, labels, photos. Plain data; every id is a UUID that never changes. */
import type { Crop } from './crop';
import type { ViewName } from './view';

export interface Label {
	id: string;
	/** As shown; not empty, no two alike in a project (see `nameTrouble`). */
	name: string;
	/** Index into the twelve colours of labels, 0..11. */
	colour: number;
	/** Switched off: its photos stay but take no part in learning. */
	off: boolean;
	/** When it was thrown away, in milliseconds since 1970; null while it is there. */
	trashed: number | null;
}

export interface Project {
	id: string;
	name: string;
	/** Milliseconds since 1970. */
	created: number;
	changed: number;
	/** Of the catalogue; what its photos are looked at with. */
	backboneId: string;
	/** Which part of a photo the network sees: features depend on it, so a project keeps to one. */
	crop: Crop;
	/** In the order the person gave them. Photos may refer to trashed ones, which therefore stay here. */
	labels: readonly Label[];
	/** What is learned from beside the photos as they are: not where it would make a label wrong. */
	views: readonly ViewName[];
	/** The model in use; null before the first. */
	modelId: string | null;
	trashed: number | null;
	/** In the trash, by when they came there; absent where none is. The model in use is never among them. */
	thrownModels?: readonly ThrownModel[];
	/** The last file that surely holds all of it; absent before the first. No edit touches it. */
	backedUp?: BackedUp;
}

/** A model that was thrown away. Its run stays. */
export interface ThrownModel {
	id: string;
	runId: string;
	trashed: number;
}

export interface BackedUp {
	/** When, in milliseconds since 1970. */
	time: number;
	/** `changed` of the project in it. */
	changed: number;
	/** `added` of its last photo; 0 without. */
	until: number;
}

/** What is known of a photo; its pixels are stored apart. */
export interface Photo {
	id: string;
	projectId: string;
	labelId: string;
	/** Photos of one hold of the button share it; a single photo has one of its own. */
	burstId: string;
	/** Milliseconds since 1970; two photos never share one, so that their order is certain. */
	added: number;
	source: 'camera' | 'file' | 'correction';
	/** The file's name, '' from the camera. */
	name: string;
	/** Pixels as kept. */
	width: number;
	height: number;
	/** Size of the kept file. */
	bytes: number;
	/** SHA-256 of the kept file, hexadecimal: the same photo twice is known by it. */
	sha256: string;
	/** 64-bit perceptual hash, 16 hexadecimal digits. */
	hash: string;
	/** The split that the person brought along (train/valid/test folders); null: ours to choose. */
	split: 'train' | 'validation' | 'test' | null;
	trashed: number | null;
	/** Id of the label that the person said is right, when it was doubted; counts only while it is the photo's. */
	confirmed?: string;
}

/** A photo's file, or its thumbnail. Bytes, never a Blob: Safari loses those. */
export interface PictureBytes {
	bytes: ArrayBuffer;
	/** MIME type. */
	type: string;
}

/** A photo on its way into the database. */
export interface NewPhoto {
	photo: Photo;
	picture: PictureBytes;
	/** At most 160 px on the long side. */
	thumbnail: PictureBytes;
}

/**
 * One change that can be undone: which fields of the project and of which photos become what.
 * Applying it gives the edit that takes it back.
 */
export interface Edit {
	projectId: string;
	project: Partial<Omit<Project, 'id' | 'created'>>;
	photos: readonly {
		id: string;
		/** `confirmed` null takes it away. */
		change: Partial<Pick<Photo, 'labelId' | 'trashed' | 'split' | 'burstId'>> & { confirmed?: string | null };
	}[];
	/**
	 * What it was made on top of, so that what others changed meanwhile stays: `labels`, where it has any, are
	 * merged label by label, `thrownModels` model by model, and `changed` is set only where nobody else came between.
	 * Without it they replace.
	 */
	seen?: Partial<Pick<Project, 'labels' | 'thrownModels' | 'changed'>>;
}

/** Longest name of a project or a label, in characters as people count them. */
export const LONGEST_NAME = 60;
export const COLOURS = 12;
/** Labels a project may have. */
export const MOST_LABELS = 1000;
/** Days that what was thrown away can be taken back. */
export const TRASH_DAYS = 30;
