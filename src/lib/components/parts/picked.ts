/** What is chosen in an `<input type="file">`. */
import type { Attachment } from 'svelte/attachments';

/**
 * Hands over what is chosen, also what was before the page listened: it is drawn, and can be used, sooner than that.
 * The input is emptied each time, so the same file can be chosen again and no reload brings it back.
 */
export const picked =
	(onfiles: (files: File[]) => void): Attachment<HTMLInputElement> =>
	(input) => {
		const take = () => {
			const files = [...(input.files ?? [])];
			input.value = '';
			if (files.length > 0) onfiles(files);
		};
		input.addEventListener('change', take);
		if (input.files?.length) queueMicrotask(take);
		return () => input.removeEventListener('change', take);
	};
