/** Names and limits of what is in a project file; see `project-file`. */

export const FORMAT = 'lensmith-project';
/**
 * Of what is written; a reader takes all up to it. Fields that a reader may leave out do not change it. 2: networks
 * whose own layers were trained, which the first version cannot run.
 */
export const VERSION = 2;
export const FIRST_VERSION = 1;

export const MANIFEST = 'lensmith.json';
export const PHOTOS = 'photos.jsonl';
/** Goes behind the project's name. A zip, so that any program opens it and finds the photos in folders. */
export const ENDING = '.lensmith.zip';
export const modelPath = (id: string) => `models/${id}.json`;
export const runPath = (id: string) => `runs/${id}.json`;
export const floatsPath = (sha256: string) => `models/${sha256}.f32`;
export const packPath = (number: number) => `thumbnails/${number}.bin`;

/** Photos whose thumbnails lie in one file. */
export const PACK = 64;
/** Bytes of a whole project file, and of what is in it unpacked. */
export const MOST_BYTES = 512 * 2 ** 20;
/** Bytes of one file in it. */
export const MOST_ENTRY_BYTES = 64 * 2 ** 20;
/** Of a file of numbers. */
export const MOST_FLOATS = MOST_ENTRY_BYTES / 4;
/** Constants of a network that a model was trained with; those of networks are far fewer. */
export const MOST_TENSORS = 4096;
/** Bytes: the SHA-256 of 20,000 files are two and a half million. */
export const MOST_MANIFEST_BYTES = 4 * 2 ** 20;
