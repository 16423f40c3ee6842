/**
 * An error in words a person can act on. Everything that reaches the screen is one of these;
 * `code` is what code decides by, `message` is what a person reads (what happened, what is safe, what to do).
 */
export class Trouble extends Error {
	override readonly name = 'Trouble';
	constructor(
		readonly code: string,
		message: string,
		options?: ErrorOptions
	) {
		super(message, options);
	}
}

/**
 * The error as a `Trouble`: itself, one that crossed from a worker (where classes are lost), or wrapped
 * under `code` with `words`.
 */
export function asTrouble(cause: unknown, code: string, words: string): Trouble {
	if (cause instanceof Trouble) return cause;
	if (cause instanceof Error && cause.name === 'Trouble' && 'code' in cause)
		return new Trouble(String(cause.code), cause.message, { cause });
	return new Trouble(code, words, { cause });
}
