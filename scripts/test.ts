/**
 * `npm test`: everything that is checked, in order, and one line of totals at the end.
 * `npm test -- unit browser` runs only what is named.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser } from './browser';
import { addTotals, countStep, nothing, playwrightTotals, vitestTotals, type Totals } from './totals';

const results = join('tests', 'results');

interface Step {
	name: string;
	command: string[];
	/** Where the tests' own figures are written. */
	report?: { file: string; read(report: unknown): Totals };
	/** Steps that this one is of no use without. */
	after?: string[];
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

const steps: Step[] = [
	// every tsconfig extends what it writes: without it lint, unused and types see no paths
	{ name: 'sync', command: ['svelte-kit', 'sync'] },
	{ name: 'models', command: ['tsx', 'models/build/main.ts'] },
	{ name: 'format', command: ['prettier', '--check', '.'] },
	{ name: 'lint', command: ['eslint', '.'] },
	{ name: 'unused', command: ['knip'] },
	{ name: 'types', command: ['npm', 'run', '--silent', 'check'] },
	vitest('node'),
	vitest('browser'),
	{ name: 'build', command: ['vite', 'build', '--logLevel', 'warn'], after: ['models'] },
	{
		name: 'e2e',
		command: ['playwright', 'test', '--reporter=list,json'],
		report: { file: e2eReport, read: playwrightTotals },
		after: ['models', 'build'],
		needsBrowser: true
	}
];

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

/** @returns what its tests counted; a step without tests counts only where it fails, as one */
function run({ command: [program = '', ...args], report }: Step, browser: string | undefined): Totals {
	if (report) rmSync(report.file, { force: true });
	const env = { ...process.env, CHROMIUM_PATH: browser, PLAYWRIGHT_JSON_OUTPUT_NAME: e2eReport };
	const [file, all] = program === 'npm' ? ['npm', args] : ['npx', ['--no-install', program, ...args]];
	const shell = process.platform === 'win32'; // npm and npx are scripts there
	const ok = spawnSync(file, all, { stdio: 'inherit', env, shell }).status === 0;
	if (!report) return { ...nothing, failed: ok ? 0 : 1 };
	const text = existsSync(report.file) ? readFileSync(report.file, 'utf8') : null;
	const { trouble, ...counted } = countStep(ok, text, report.read);
	if (trouble) say(`The tests could not be counted. ${trouble}`);
	return counted;
}

function main(wanted: string[]): void {
	const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
	if (unknown.length > 0)
		throw new Error(
			`No such step: ${unknown.join(', ')}. There are: ${steps.map(({ name }) => name).join(', ')}.`
		);
	const chosen = wanted.length === 0 ? steps : steps.filter(({ name }) => wanted.includes(name));
	const browser = chosen.some(({ needsBrowser }) => needsBrowser) ? findBrowser() : undefined;
	mkdirSync(results, { recursive: true });

	let totals = nothing;
	const summary: string[] = [];
	const failed = new Set<string>();
	for (const step of chosen) {
		say(`\n── ${step.name}`);
		const missing = step.after?.find((name) => failed.has(name));
		const figures = missing ? { ...nothing, failed: 1 } : run(step, browser);
		totals = addTotals(totals, figures);
		if (figures.failed > 0) failed.add(step.name);
		const counted = step.report ? `: ${figures.passed} passed, ${figures.failed} failed` : '';
		const why = missing ? ` (not run, as ${missing} failed)` : counted;
		summary.push(`${figures.failed > 0 ? '✘' : '✔'} ${step.name}${why}`);
	}
	say(`\n${summary.join('\n')}\n`);
	say(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
	process.exitCode = failed.size > 0 ? 1 : 0;
}

try {
	main(process.argv.slice(2));
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
}
