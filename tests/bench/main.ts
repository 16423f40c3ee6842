/**
 * `npm run bench [-- --area see] [--json FILE] [--flags="--a --b"]`: drives the production build in a real
 * browser and prints a table. Wants a quiet machine; nothing here fails on a figure, it only says `MISSED`.
 * `--flags` are for the browser: headless Chromium on Linux may want
 * `--enable-unsafe-webgpu --enable-features=Vulkan --use-angle=vulkan` before it shows its GPU.
 * `--quick --any-gpu` tries the code: a few frames, and a software adapter counts as a GPU.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openStage } from './stage';
import { report, table, type Row } from './report';
import { see } from './see/see';
import type { Stage } from './stage';

const areas: Record<string, (stage: Stage) => AsyncIterable<Row>> = { see };

const { values } = parseArgs({
	options: {
		area: { type: 'string' },
		json: { type: 'string' },
		flags: { type: 'string' },
		quick: { type: 'boolean' },
		'any-gpu': { type: 'boolean' }
	}
});
const chosen = Object.entries(areas).filter(([name]) => !values.area || name === values.area);
if (chosen.length === 0) {
	console.error(`No area “${values.area}”. There are: ${Object.keys(areas).join(', ')}.`);
	process.exit(2);
}

const stage = await openStage({
	flags: values.flags?.split(' ').filter(Boolean),
	quick: values.quick,
	anyGpu: values['any-gpu']
});
const rows: Row[] = [];
try {
	for (const [name, area] of chosen)
		for await (const row of area(stage)) {
			rows.push(row);
			console.error(`${name}: ${row.name}: ${row.value} ${row.unit}`);
		}
} finally {
	await stage.close();
}
const result = report(rows, stage.browserName);
console.log(table(result));
if (values.json) writeFileSync(values.json, JSON.stringify(result, null, '\t') + '\n');
