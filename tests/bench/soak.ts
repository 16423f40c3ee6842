/** `npm run soak`: half an hour of camera in six minutes; ends with an error where memory grows. */
import { report, table } from './report';
import { memory } from './see/memory';
import { openStage } from './stage';

const stage = await openStage();
try {
	const rows = [];
	for await (const row of memory(stage, 'wasm', 10_000)) rows.push(row);
	console.log(table(report(rows, stage.browserName)));
	if (rows.some(({ met }) => met === false)) process.exitCode = 1;
} finally {
	await stage.close();
}
