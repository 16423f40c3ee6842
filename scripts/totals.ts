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

interface VitestFile {
	status?: unknown;
	assertionResults?: unknown[];
}

/** Vitest's `json` report. A file that did not even load counts as a failed test. */
export function vitestTotals(report: unknown): Totals {
	const files = (report as { testResults?: VitestFile[] } | null)?.testResults;
	if (!Array.isArray(files)) throw new Error('The test report has no list “testResults”.');
	const notLoaded = files.filter(
		({ status, assertionResults = [] }) => status === 'failed' && assertionResults.length === 0
	);
	return {
		passed: figure(report, 'numPassedTests'),
		failed: figure(report, 'numFailedTests') + notLoaded.length,
		skipped: figure(report, 'numPendingTests') + figure(report, 'numTodoTests')
	};
}

/**
 * What a step counted, from the text of its report. A step that fails without a failed test counts as one, and
 * so does one that ends well and leaves no report: it has shown nothing.
 *
 * @param text null where there is no report
 * @returns the totals, and why the report could not be read
 */
export function countStep(
	ok: boolean,
	text: string | null,
	read: (report: unknown) => Totals
): Totals & { trouble?: string } {
	try {
		if (text === null) throw new Error('It left no report.');
		const counted = read(JSON.parse(text));
		return ok || counted.failed > 0 ? counted : { ...counted, failed: 1 };
	} catch (cause) {
		return { ...nothing, failed: 1, trouble: cause instanceof Error ? cause.message : String(cause) };
	}
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
