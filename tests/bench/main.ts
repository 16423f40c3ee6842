/**
 * `npm run bench [-- --area see] [--json FILE]`: drives the production build in a real browser and prints a
 * table. Wants a quiet machine; nothing here fails on a figure, it only says `MISSED`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openStage } from './stage';
import { report, table, type Row } from './report';
import { see } from './see/see';
import type { Stage } from './stage';

const areas: Record<string, (stage: Stage) => AsyncIterable<Row>> = { see };

const { values } = parseArgs({ options: { area: { type: 'string' }, json: { type: 'string' } } });
const chosen = Object.entries(areas).filter(([name]) => !values.area || name === values.area);
if (chosen.length === 0) {
	console.error(`No area “${values.area}”. There are: ${Object.keys(areas).join(', ')}.`);
	process.exit(2);
}

const stage = await openStage();
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
