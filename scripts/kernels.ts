/** Assembles the solver's inner loops: `npm run generate:kernels`, after a change of kernels.wat. */
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import loadWabt from 'wabt';

const folder = 'src/lib/engine/solvers';
const target = `${folder}/kernels-wasm.ts`;

/** @returns what kernels-wasm.ts is to hold */
export async function assembled(): Promise<string> {
	const wabt = await loadWabt();
	const module = wabt.parseWat('kernels.wat', await readFile(`${folder}/kernels.wat`, 'utf8'), {
		simd: true
	});
	const bytes = Buffer.from(module.toBinary({}).buffer).toString('base64');
	module.destroy();
	const text = `/** Assembled from kernels.wat by \`npm run generate:kernels\`; base64. */\nexport const kernelsWasm = '${bytes}';\n`;
	return format(text, { ...(await resolveConfig(target)), parser: 'typescript' });
}

if (import.meta.filename === process.argv[1]) await writeFile(target, await assembled());
