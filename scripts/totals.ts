/** Reads how many tests passed out of the reports that the test runners write. */
export interface Totals {
	passed: number;
	failed: number;
	skipped: number;
}

export const nothing: Totals = { passed: 0, failed: 0, skipped: 0 };

export function addTotals(a: Totals, b: Totals): Totals {
	return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** @throws where the report has no such figure: a runner that changed its format must not count as zero */
function figure(report: unknown, name: string): number {
	const value: unknown = (report as Record<string, unknown> | null)?.[name];
	if (typeof value !== 'number') throw new Error(`The test report has no figure “${name}”.`);
	return value;
}

/** Vitest's `json` report. A suite that did not even load counts as a failed test. */
export function vitestTotals(report: unknown): Totals {
	const failed = figure(report, 'numFailedTests');
	return {
		passed: figure(report, 'numPassedTests'),
		failed: failed || figure(report, 'numFailedTestSuites'),
		skipped: figure(report, 'numPendingTests') + figure(report, 'numTodoTests')
	};
}

/** Playwright's `json` report. A test that passed only when it was tried again has failed. */
export function playwrightTotals(report: unknown): Totals {
	const stats = (report as { stats?: unknown } | null)?.stats;
	return {
		passed: figure(stats, 'expected'),
		failed: figure(stats, 'unexpected') + figure(stats, 'flaky'),
		skipped: figure(stats, 'skipped')
	};
}
