/**
 * `lensmith-model.js`, which runs a saved model on other people's pages: src/lib/runner as one readable ES module. The
 * app has it as text, from `virtual:lensmith-model`.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build, type Plugin } from 'vite';

const NAME = 'virtual:lensmith-model';
/** How Vite marks what is no file. */
const RESOLVED = `\0${NAME}`;
const ENTRY = 'src/lib/runner/index.ts';

const usage = `lensmith-model.js runs a model that was saved by Lensmith, with a runtime that the page brings along:

    import * as ort from '…/onnxruntime-web/dist/ort.wasm.bundle.min.mjs';
    import { loadModel } from './lensmith-model.js';

    const model = await loadModel('my-model.onnx', ort);
    const { label, probability, sure, all } = await model.classify(picture);

A picture is a file, an <img>, a <video>, a canvas, an ImageBitmap or a VideoFrame. Where \`sure\` is false, say so and
not the label. \`model.labels\` names all labels; \`model.dispose()\` frees the memory. Errors say in words what to do.
`;

/** @returns the text of the module and the files that it is made of, absolute */
export async function bundleRunner(): Promise<{ text: string; files: string[] }> {
	const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }; // npm's
	const licence = await readFile('LICENSE', 'utf8');
	const made = await build({
		configFile: false,
		envFile: false,
		publicDir: false,
		logLevel: 'error',
		build: {
			write: false,
			minify: false,
			target: 'es2022',
			lib: { entry: ENTRY, formats: ['es'] },
			rolldownOptions: { output: { postBanner: commented(`${usage}\nLensmith ${version}\n\n${licence}`) } }
		}
	});
	const outputs = [made].flat().flatMap((one) => ('output' in one ? one.output : []));
	const [only, ...others] = outputs.filter((one) => one.type === 'chunk');
	if (!only || others.length > 0 || only.imports.length + only.dynamicImports.length > 0)
		throw new Error('The runner must be one file without imports.');
	return { text: only.code, files: only.moduleIds };
}

/** Gives `virtual:lensmith-model`: its default export is the text. */
export function runnerPlugin(): Plugin {
	return {
		name: 'lensmith-runner',
		resolveId: (id) => (id === NAME ? RESOLVED : null),
		async load(id) {
			if (id !== RESOLVED) return null;
			const { text, files } = await bundleRunner();
			for (const file of files) this.addWatchFile(resolve(file));
			return `export default ${JSON.stringify(text)};`;
		}
	};
}

const commented = (text: string) =>
	`/*\n${text
		.trimEnd()
		.split('\n')
		.map((line) => ` * ${line}`.trimEnd())
		.join('\n')}\n */`;
