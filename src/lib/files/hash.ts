import { Trouble } from '$lib/domain/trouble';

/** SHA-256 of bytes, lower-case hexadecimal. @throws Trouble 'not-secure' */
export async function sha256Of(bytes: BufferSource): Promise<string> {
	// Browsers have it at secure addresses alone, whatever their types say.
	if (!('subtle' in crypto))
		throw new Trouble(
			'not-secure',
			'This address is not secure (http), so the browser does not let files and photos be checked or kept here. Open Lensmith at its https address.'
		);
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
