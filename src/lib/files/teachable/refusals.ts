/** What a person reads where a Teachable Machine file cannot be used. */
import { cleanName } from '$lib/domain/names';
import { Trouble } from '$lib/domain/trouble';

/** @param reason a sentence */
export const damaged = (reason: string, cause?: unknown): Trouble =>
	new Trouble(
		'teachable-broken',
		`This Teachable Machine model is damaged: ${reason} Nothing was added. Export it from Teachable Machine once more.`,
		{ cause }
	);

/** @param reason a sentence */
export const unsupported = (reason: string): Trouble =>
	new Trouble(
		'teachable-unsupported',
		`This Teachable Machine model cannot be used here: ${reason} Nothing was added.`
	);

/** @param words whole sentences: what the file is instead, and what to do */
export const another = (words: string): Trouble =>
	new Trouble('teachable-other', `${words} Nothing was added.`);

/** A name out of the file, safe and short enough for a sentence. */
export const quoted = (name: string): string => `“${cleanName(name.slice(0, 200))}”`;
