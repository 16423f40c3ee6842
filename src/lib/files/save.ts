/**
 * Where a file that was made here goes: a place the person chooses, another app, or the browser's downloads. Only on a
 * page. Call it from the press itself: browsers show their dialogs only then.
 */
import { Trouble } from '$lib/domain/trouble';

/**
 * 'saved': it is where the person wanted it; 'shared': another app took it; 'handed': the browser puts it among its
 * downloads, and nobody can tell whether it stays there; 'cancelled': the person changed their mind, nothing is left of it.
 */
export type Saved = 'saved' | 'shared' | 'handed' | 'cancelled';

interface FileFacts {
	/** With its ending. */
	name: string;
	/** MIME type. */
	type: string;
	/** What the browser's dialog calls files of this kind. */
	description: string;
	/** Endings, as '.zip'. */
	extensions: readonly string[];
}

type Stream = WritableStream<Uint8Array<ArrayBuffer>>;

/** What is in it: as a whole, or written bit by bit into a stream; whoever writes neither closes nor aborts that. */
export type FileToSave = FileFacts & ({ blob: Blob } | { write(stream: Stream): Promise<void> });

interface Handle {
	createWritable(): Promise<WritableStream<Uint8Array<ArrayBuffer>>>;
	/** Chromium's. */
	remove?(): Promise<void>;
}
interface Picker {
	/** Chromium's, not in lib.dom. */
	showSaveFilePicker?(options: {
		suggestedName: string;
		types: { description: string; accept: Record<string, string[]> }[];
	}): Promise<Handle>;
}

/** Bytes that are put together as one part, which the browser may keep on its disk. */
const PART = 4 * 2 ** 20;
/** Milliseconds until a download has surely begun. */
const BEGUN = 60_000;

/**
 * Asks where to, then writes. Where the browser does not ask, it becomes a download.
 *
 * @throws Trouble 'file-not-written', or what `write` throws; nothing is left of the file then. An AbortError of
 *   `write` counts as 'cancelled'
 */
export async function saveFile(file: FileToSave): Promise<Saved> {
	return cancellable(async () => {
		const { showSaveFilePicker: pick } = window as Picker;
		const handle = pick ? await chosen(pick.bind(window), file) : null;
		if (handle) {
			await writeInto(handle, file);
			return 'saved';
		}
		download(file.name, await made(file));
		return 'handed';
	});
}

/** Whether this device hands files of such a kind to other apps. */
export function canShareFile({ name, type }: Pick<FileFacts, 'name' | 'type'>): boolean {
	// Pages are also drawn by the build, where there is no browser.
	const { navigator } = globalThis as { navigator?: Partial<Navigator> };
	return navigator?.canShare?.({ files: [new File([], name, { type })] }) ?? false;
}

/**
 * Makes the file, then hands it to another app that the person chooses.
 *
 * @param press resolves with another press: browsers share at once, and making the file takes a while
 * @throws Trouble as `saveFile`, or 'file-not-shared'
 */
export async function shareFile(file: FileToSave, press: () => Promise<void>): Promise<Saved> {
	return cancellable(async () => {
		const files = [new File([await made(file)], file.name, { type: file.type })];
		if (!navigator.userActivation?.isActive) await press();
		try {
			await navigator.share({ files });
		} catch (cause) {
			if (isAbort(cause)) throw cause;
			throw new Trouble(
				'file-not-shared',
				`“${file.name}” could not be shared: no app took it. Save it instead.`,
				{ cause }
			);
		}
		return 'shared';
	});
}

async function cancellable(work: () => Promise<Saved>): Promise<Saved> {
	try {
		return await work();
	} catch (cause) {
		if (isAbort(cause)) return 'cancelled';
		throw cause;
	}
}

/** @returns null where the browser does not ask after all */
async function chosen(
	pick: NonNullable<Picker['showSaveFilePicker']>,
	{ name, type, description, extensions }: FileFacts
): Promise<Handle | null> {
	try {
		return await pick({
			suggestedName: name,
			types: [{ description, accept: { [type]: [...extensions] } }]
		});
	} catch (cause) {
		if (isAbort(cause)) throw cause;
		return null;
	}
}

async function writeInto(handle: Handle, file: FileToSave): Promise<void> {
	try {
		const stream = await handle.createWritable();
		// Held here: whoever writes may have the other stream locked when it fails.
		const writer = stream.getWriter();
		try {
			await fill(file, (bytes) => writer.write(bytes));
			await writer.close();
		} catch (cause) {
			await writer.abort(cause).catch(() => undefined);
			throw cause;
		}
	} catch (cause) {
		// It was made, or emptied, when it was chosen.
		await handle.remove?.().catch(() => undefined);
		throw isAbort(cause) || cause instanceof Trouble ? cause : notWritten(file.name, cause);
	}
}

async function made(file: FileToSave): Promise<Blob> {
	if ('blob' in file) return file.blob;
	const parts: Blob[] = [];
	let loose: Uint8Array<ArrayBuffer>[] = [];
	let size = 0;
	const collect = () => {
		parts.push(new Blob(loose));
		loose = [];
		size = 0;
	};
	await fill(file, (bytes) => {
		loose.push(bytes.slice());
		size += bytes.length;
		if (size >= PART) collect();
		return Promise.resolve();
	});
	collect();
	return new Blob(parts, { type: file.type });
}

async function fill(file: FileToSave, put: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>): Promise<void> {
	const stream = new WritableStream({ write: put });
	if ('write' in file) await file.write(stream);
	else await file.blob.stream().pipeTo(stream);
}

function download(name: string, blob: Blob): void {
	const url = URL.createObjectURL(blob);
	const link = Object.assign(document.createElement('a'), { href: url, download: name });
	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(url), BEGUN);
}

function isAbort(cause: unknown): boolean {
	return cause instanceof Error && cause.name === 'AbortError';
}

const notWritten = (name: string, cause: unknown) =>
	new Trouble(
		'file-not-written',
		`“${name}” could not be written, and nothing of it is left. The disk may be full, or another program may have the file open. Choose another place and try again.`,
		{ cause }
	);

/** What became of a file, in words; null where the person gave it up. */
export function wordsOf(how: Saved, name: string): string | null {
	if (how === 'cancelled') return null;
	if (how === 'saved') return `Saved “${name}”.`;
	if (how === 'shared') return `Shared “${name}”.`;
	return `Handed “${name}” to the browser’s downloads. Look there whether it has arrived: a page cannot tell.`;
}
