/** The files that an engine needs, fetched side by side, with where each of them stands. */
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import type { OpenedFile } from '$lib/storage/verified';
import type { InferenceApi } from '$workers/inference.worker';

type Plan = Awaited<ReturnType<InferenceApi['plan']>>;
type Engine = Pick<Plan, 'binary' | 'file'>;

/** One file that the chosen backbone and backend need. */
export interface NeededFile {
	what: 'engine' | 'backbone' | 'labels';
	file: FileFacts;
	received: number;
	/** 'checked': here for this visit, but not kept for the next. */
	state: 'waiting' | 'fetching' | 'checked' | 'kept' | 'failed';
}

export type OpenFile = (
	file: FileFacts,
	options: { signal: AbortSignal; onProgress(received: number): void }
) => Promise<OpenedFile>;

interface Ways {
	open: OpenFile;
	/** Another engine that would do where the planned one is not to be had; null where there is none. */
	spare(): Promise<Engine | null>;
	/** Whether that other one is taken at once: labels are waited for, and the planned one is not here. */
	spareFirst: boolean;
	/** Told on every change. */
	onFiles(files: readonly NeededFile[]): void;
	signal: AbortSignal;
}

interface Opened {
	engine: { binary: Plan['binary']; bytes: ArrayBuffer };
	/** The backbone's ONNX file. */
	bytes: ArrayBuffer;
	labels: ArrayBuffer;
}

/**
 * Settles when every file has come or failed: what came is kept, also where another file is missing.
 *
 * @throws Trouble of the first file that is not to be had, AbortError
 */
export async function openFiles(plan: Engine, card: BackboneCard, ways: Ways): Promise<Opened> {
	const { open, onFiles, signal } = ways;
	const facts = { engine: plan.file, backbone: card.file, labels: card.labels };
	let files: readonly NeededFile[] = (['engine', 'backbone', 'labels'] as const).map((what) => ({
		what,
		file: facts[what],
		received: 0,
		state: 'waiting'
	}));
	const change = (what: NeededFile['what'], patch: Partial<NeededFile>) => {
		files = files.map((entry) => (entry.what === what ? { ...entry, ...patch } : entry));
		onFiles(files);
	};

	async function get(what: NeededFile['what'], file: FileFacts): Promise<ArrayBuffer> {
		change(what, { file, received: 0, state: 'fetching' });
		const onProgress = (received: number) => change(what, { received });
		try {
			const { bytes, kept } = await open(file, { signal, onProgress });
			change(what, { received: file.bytes, state: kept ? 'kept' : 'checked' });
			return bytes;
		} catch (cause) {
			change(what, { state: 'failed' });
			throw cause;
		}
	}

	async function getEngine() {
		const first = ways.spareFirst ? await ways.spare() : null;
		if (first) return { binary: first.binary, bytes: await get('engine', first.file) };
		try {
			return { binary: plan.binary, bytes: await get('engine', plan.file) };
		} catch (cause) {
			const spare = await ways.spare();
			if (!spare || signal.aborted) throw cause;
			return { binary: spare.binary, bytes: await get('engine', spare.file) };
		}
	}

	const all = [getEngine(), get('backbone', card.file), get('labels', card.labels)] as const;
	await Promise.allSettled(all);
	const [engine, bytes, labels] = await Promise.all(all);
	return { engine, bytes, labels };
}
