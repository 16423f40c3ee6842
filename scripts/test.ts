/**
 * `npm test`: everything that is checked, two steps side by side where they may, and one line of totals at the end.
 * `npm test -- unit browser` runs only what is named.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findBrowser } from './browser';
import { inLanes, type Planned } from './lanes';
import { addTotals, countStep, nothing, playwrightTotals, vitestTotals, type Totals } from './totals';

const results = join('tests', 'results');

interface Step extends Planned {
	command: string[];
	/** Where the tests' own figures are written. */
	report?: { file: string; read(report: unknown): Totals };
	needsBrowser?: boolean;
}

const vitest = (project: string): Step => {
	const file = join(results, `${project}.json`);
	return {
		name: project === 'node' ? 'unit' : project,
		command: [
			'vitest',
			'run',
			'--project',
			project,
			'--reporter=default',
			'--reporter=json',
			`--outputFile.json=${file}`
		],
		report: { file, read: vitestTotals },
		after: ['models'],
		needsBrowser: project === 'browser'
	};
};

const e2eReport = join(results, 'e2e.json');

/** Longest first, so that no lane stands empty at the end. */
const steps: Step[] = [
	// every tsconfig extends what it writes: without it lint, unused and types see no paths
	{ name: 'sync', command: ['svelte-kit', 'sync'], alone: true },
	{ name: 'models', command: ['tsx', 'models/build/main.ts'], alone: true },
	vitest('node'),
	vitest('browser'),
	{ name: 'types', command: ['npm', 'run', '--silent', 'check'] },
	{ name: 'build', command: ['vite', 'build', '--logLevel', 'warn'], after: ['models'] },
	{ name: 'lint', command: ['eslint', '.'] },
	{ name: 'format', command: ['prettier', '--check', '.'] },
	{ name: 'unused', command: ['knip'] },
	{
		name: 'e2e',
		command: ['playwright', 'test', '--reporter=list,json'],
		report: { file: e2eReport, read: playwrightTotals },
		after: ['models', 'build'],
		needsBrowser: true,
		alone: true
	}
];

const LANES = 2;
const WIDTH = Math.max(...steps.map(({ name }) => name.length));

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

/** Runs a program. What it prints is shown as it comes; each line with the step's name where another runs beside it. */
function spawned({ name, command: [program = '', ...args] }: Step, browser?: string, beside = false) {
	const env = {
		...process.env,
		CHROMIUM_PATH: browser,
		PLAYWRIGHT_JSON_OUTPUT_NAME: e2eReport,
		...(process.stdout.isTTY && { FORCE_COLOR: '1' })
	};
	const [file, all] = program === 'npm' ? ['npm', args] : ['npx', ['--no-install', program, ...args]];
	const shell = process.platform === 'win32'; // npm and npx are scripts there
	return new Promise<boolean>((resolve) => {
		const child = spawn(file, all, { stdio: beside ? ['ignore', 'pipe', 'pipe'] : 'inherit', env, shell });
		for (const input of [child.stdout, child.stderr])
			if (input) createInterface({ input }).on('line', (line) => say(`${name.padEnd(WIDTH)} │ ${line}`));
		child.on('error', (error) => say(`${name} could not be started. ${error.message}`));
		child.on('close', (code) => resolve(code === 0));
	});
}

/** @returns what its tests counted; a step without tests counts only where it fails, as one */
async function run(step: Step, browser: string | undefined, beside: boolean): Promise<Totals> {
	const { name, report } = step;
	if (report) rmSync(report.file, { force: true });
	say(`\n── ${name}`);
	const ok = await spawned(step, browser, beside);
	if (!report) return { ...nothing, failed: ok ? 0 : 1 };
	const text = existsSync(report.file) ? readFileSync(report.file, 'utf8') : null;
	const { trouble, ...counted } = countStep(ok, text, report.read);
	if (trouble) say(`The tests could not be counted. ${trouble}`);
	return counted;
}

function chosenOf(wanted: readonly string[]): Step[] {
	const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
	if (unknown.length > 0)
		throw new Error(
			`No such step: ${unknown.join(', ')}. There are: ${steps.map(({ name }) => name).join(', ')}.`
		);
	return wanted.length === 0 ? steps : steps.filter(({ name }) => wanted.includes(name));
}

async function main(wanted: string[]): Promise<void> {
	const chosen = chosenOf(wanted);
	const browser = chosen.some(({ needsBrowser }) => needsBrowser) ? findBrowser() : undefined;
	mkdirSync(results, { recursive: true });
	let totals = nothing;
	const lines = new Map<string, string>();
	const note = ({ name }: Step, figures: Totals, words: string) => {
		totals = addTotals(totals, figures);
		lines.set(name, `${figures.failed > 0 ? '✘' : '✔'} ${name}${words}`);
		return figures.failed === 0;
	};
	await inLanes(
		chosen,
		LANES,
		async (step) => {
			const figures = await run(step, browser, chosen.length > 1 && !step.alone);
			const counted = `: ${figures.passed} passed, ${figures.failed} failed`;
			return note(step, figures, step.report ? counted : '');
		},
		(step, failed) => note(step, { ...nothing, failed: 1 }, ` (not run, as ${failed} failed)`)
	);
	say(`\n${chosen.map(({ name }) => lines.get(name)).join('\n')}\n`);
	say(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
	process.exitCode = totals.failed > 0 ? 1 : 0;
}

await main(process.argv.slice(2)).catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
