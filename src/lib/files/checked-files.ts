/** The files of a project file, each held against its SHA-256 when it is read. */
import { Trouble } from '$lib/domain/trouble';
import type { SourceFile } from './dataset';
import { sha256Of } from './hash';
import { MOST_ENTRY_BYTES } from './project-layout';

export class CheckedFiles {
	readonly name: string;
	readonly #entries: ReadonlyMap<string, SourceFile>;
	#hashes: Readonly<Record<string, string>> | null = null;

	constructor(name: string, entries: ReadonlyMap<string, SourceFile>) {
		this.name = name;
		this.#entries = entries;
	}

	/** Of all files, as the directory has them. */
	get size(): number {
		return Array.from(this.#entries.values()).reduce((sum, { size }) => sum + size, 0);
	}

	/** From now on all that is read must be of those SHA-256. */
	expect(hashes: Readonly<Record<string, string>>): void {
		this.#hashes = hashes;
	}

	/** @param sha256 where it does not stand among the others */
	async bytes(path: string, sha256?: string, most = MOST_ENTRY_BYTES): Promise<ArrayBuffer> {
		const file = this.#entries.get(path);
		const expected = sha256 ?? (Object.hasOwn(this.#hashes ?? {}, path) ? this.#hashes?.[path] : undefined);
		if (!file || (this.#hashes && expected === undefined)) throw damaged(this.name, path, 'it is missing');
		const blob = await file.read();
		if (blob.size > most) throw damaged(this.name, path, 'it is too large');
		const bytes = await blob.arrayBuffer();
		if (expected !== undefined && (await sha256Of(bytes)) !== expected)
			throw damaged(this.name, path, 'another SHA-256');
		return bytes;
	}

	async text(path: string, most?: number): Promise<string> {
		const bytes = await this.bytes(path, undefined, most);
		return attempt(
			() => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
			(cause) => damaged(this.name, path, cause)
		);
	}
}

export function attempt<T>(work: () => T, trouble: (cause: unknown) => Trouble): T {
	try {
		return work();
	} catch (cause) {
		throw trouble(cause);
	}
}

export function damaged(name: string, entry: string, cause: unknown): Trouble {
	return new Trouble(
		'project-file-damaged',
		`“${name}” is damaged or was changed: “${entry}” in it is not what was saved. Nothing was added. Take the file from where it came once more.`,
		{ cause }
	);
}
