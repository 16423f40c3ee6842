/** How others run a model's file: an example page for a web server, and a script of Python. */
import page from './snippets/example.html?raw';
import python from './snippets/classify.py?raw';

/** @param model name of its file, with the ending */
export function examplePage(model: string): string {
	const address = `./${model.replace(/%/g, '%25').replace(/#/g, '%23')}`;
	return filled(
		filled(page, "'./model.onnx'", quoted(address)),
		'onnxruntime-web/',
		`onnxruntime-web@${ENGINE_VERSION}/`
	);
}

/** @param model as above; at most 35 lines */
export function pythonScript(model: string): string {
	return filled(python, '"model.onnx"', quoted(model));
}

/** A text as JavaScript and Python write it; in a page, no letter of it ends the script. */
const quoted = (text: string) => JSON.stringify(text).replace(/</g, '\\u003C');

/** @throws where the text has not just one such place */
function filled(text: string, place: string, value: string): string {
	if (text.split(place).length !== 2) throw new Error(`There must be one ${place}.`);
	return text.replace(place, () => value);
}
