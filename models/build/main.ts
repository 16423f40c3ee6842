/**
 * Makes the embedded backbones and the sample pictures: `npm run models`. What is there and right is left alone,
 * so a second run needs neither network nor time. `--facts` prints what models/catalog.ts should pin.
 */
import path from 'node:path';
import { root } from './fetch';
import { missing } from './shelf';

const output = path.join(root, 'static');

try {
	const factsOnly = process.argv.includes('--facts');
	const wanted = await missing(output);
	if (factsOnly || wanted.cards.length > 0 || wanted.samples.length > 0) {
		// Engines and converters take a second to load: only where there is something to do.
		const { make, printFacts } = await import('./make');
		for (const line of factsOnly ? await printFacts() : await make(output, wanted)) console.log(line);
	}
} catch (cause) {
	console.error(`Making the backbones stopped: ${cause instanceof Error ? cause.message : String(cause)}`);
	process.exitCode = 1;
}
