/** Models that came as files: as read, and as kept. */
import type { BackboneCard, InputFacts, OutputFacts } from './card';
import type { ModelFacts } from './model-facts';
import type { PixelRange, PixelRangeId } from './ranges';

export interface ReceivedModel {
	/** That of its card. */
	id: string;
	/** Its name is the person's to change. */
	card: BackboneCard;
	/** The file as it came: the same one once more is known by its SHA-256. */
	came: { name: string; bytes: number; sha256: string };
	/** 'lensmith': taught with this app; 'teachable': with Teachable Machine; 'onnx': any other network. */
	kind: 'lensmith' | 'teachable' | 'onnx';
	/** Milliseconds since 1970. */
	added: number;
	trashed: number | null;
}

/** Two devices give the same file the same id, so that projects on it are at home on both. */
export const receivedId = (sha256: string): string => `file-${sha256}`;

/** The SHA-256 of the file that an id stands for; null where it is of another kind. */
export const sha256OfId = (id: string): string | null => /^file-([\da-f]{64})$/.exec(id)?.[1] ?? null;

type Layout = InputFacts['layout'];

/** What only the person can tell where the file does not. */
export interface Answers {
	labels: readonly string[];
	layout: Layout;
	/** Side in pixels. */
	size: number;
	range: PixelRangeId;
}

/** A model's file as read: what runs, what it says of itself, and what it leaves open. */
export interface Received {
	kind: ReceivedModel['kind'];
	came: ReceivedModel['came'];
	/** What runs: the .onnx file itself, the one in the zip, or what was made of it. */
	onnx: Uint8Array<ArrayBuffer>;
	sha256: string;
	name: string;
	licence: string;
	attribution: string;
	source: string;
	/** How many classes it scores, a background not counted. */
	classes: number;
	/** null: the person is asked. */
	labels: readonly string[] | null;
	input: { name: string | null; layout: Layout | null; size: number | null; range: PixelRange | null };
	/** For what is left open. */
	guess: Omit<Answers, 'labels'>;
	/** null: found when it is loaded. */
	outputs: OutputFacts | null;
	/** Of one that was taught with Lensmith. */
	facts: ModelFacts | null;
}
