/** The files of a shared model: what they are called. */
import { fileName } from '$lib/files/file-names';
import { ENDING } from '$lib/files/model-layout';
import type { FileToSave } from '$lib/files/save';
import type { Form } from './sharing.svelte';

/** @param name of the project */
export function fileFor(form: Form, name: string, blob: Blob): FileToSave {
	const clean = fileName(name, 'model');
	if (form === 'teachable')
		return {
			...{ name: `${clean} teachable machine.zip`, type: 'application/zip', blob },
			...{ description: 'A model for Teachable Machine', extensions: ['.zip'] }
		};
	const suffix = form === 'fp32' ? '' : ` ${form}`;
	return {
		...{ name: clean + suffix + ENDING, type: 'application/octet-stream', blob },
		...{ description: 'An ONNX model', extensions: [ENDING] }
	};
}
