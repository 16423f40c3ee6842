/**
 * `npm run bench [-- --area see|teach|share|fine-tune] [--json FILE] [--flags="--a --b"]` prints a table. “see” drives the
 * production build in a real browser; “teach” learns from the photos in `--photos FOLDER` (`../shared/photos`) and
 * then teaches the production build in the browser, which `--area teach-page` does alone; “share” runs the files of
 * models on the same photos, then writes and opens files in the browser, which `--area share-page` does alone;
 * “fine-tune” holds trained last blocks against the head on the same photos, for hours (`--quick`: minutes), then
 * fine-tunes in the browser, alone with `--area fine-tune-page`.
 * Wants a quiet machine; nothing here fails on a figure, it only says `MISSED`.
 * `--flags` are for the browser: headless Chromium on Linux may want
 * `--enable-unsafe-webgpu --enable-features=Vulkan --use-angle=vulkan` before it shows its GPU.
 * `--quick --any-gpu` tries the code: a few frames and splits, and a software adapter counts as a GPU.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fineTuning } from './fine-tune/fine-tune';
import { fineTunePage } from './fine-tune-page/fine-tune-page';
import { openStage, type Stage } from './stage';
import { report, table, type Row } from './report';
import { see } from './see/see';
import { share } from './share/share';
import { sharePage } from './share-page/share-page';
import { teach } from './teach/teach';
import { teachPage } from './teach-page/teach-page';

const { values } = parseArgs({
	options: {
		area: { type: 'string' },
		json: { type: 'string' },
		flags: { type: 'string' },
		photos: { type: 'string', default: '../shared/photos' },
		quick: { type: 'boolean' },
		'any-gpu': { type: 'boolean' }
	}
});
const quick = values.quick ?? false;
let browser = `Node ${process.versions.node}`;
const areas: Record<string, () => AsyncIterable<Row>> = {
	see: () => onStage(see),
	teach: () => teach({ photos: values.photos, quick }),
	'teach-page': () => onStage((stage) => teachPage(stage, values.photos)),
	share: () => share({ photos: values.photos, quick }),
	'fine-tune': () => fineTuning({ photos: values.photos, quick }),
	'fine-tune-page': () => onStage((stage) => fineTunePage(stage, values.photos)),
	'share-page': () => onStage((stage) => sharePage(stage, values.photos))
};
const chosen = Object.entries(areas).filter(
	([name]) => !values.area || name === values.area || name.startsWith(`${values.area}-`)
);
if (chosen.length === 0) {
	console.error(`No area “${values.area}”. There are: ${Object.keys(areas).join(', ')}.`);
	process.exit(2);
}

async function* onStage(rows: (stage: Stage) => AsyncIterable<Row>): AsyncGenerator<Row> {
	const flags = values.flags?.split(' ').filter(Boolean);
	const stage = await openStage({ flags, quick, anyGpu: values['any-gpu'] });
	browser = stage.browserName;
	try {
		yield* rows(stage);
	} finally {
		await stage.close();
	}
}

const rows: Row[] = [];
for (const [name, area] of chosen)
	for await (const row of area()) {
		rows.push(row);
		console.error(`${name}: ${row.name}: ${row.value} ${row.unit}`);
	}
const result = report(rows, browser);
console.log(table(result));
if (values.json) writeFileSync(values.json, JSON.stringify(result, null, '\t') + '\n');
