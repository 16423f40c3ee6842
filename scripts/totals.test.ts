import { expect, it } from 'vitest';
import { addTotals, countStep, nothing, playwrightTotals, vitestTotals } from './totals';

const passed = { status: 'passed', assertionResults: [{ status: 'passed' }] };
const failed = { status: 'failed', assertionResults: [{ status: 'failed' }] };
const notLoaded = { status: 'failed', assertionResults: [] };
const vitest = (numFailedTests: number, ...testResults: object[]) => ({
	numPassedTests: 5,
	numFailedTests,
	numPendingTests: 2,
	numTodoTests: 1,
	numFailedTestSuites: 3,
	testResults
});

it('reads Vitest’s figures', () => {
	expect(vitestTotals(vitest(1, passed, failed))).toEqual({ passed: 5, failed: 1, skipped: 3 });
});

it('counts each file that did not load, beside tests that failed too', () => {
	expect(vitestTotals(vitest(0, passed, notLoaded)).failed).toBe(1);
	expect(vitestTotals(vitest(1, failed, notLoaded, notLoaded)).failed).toBe(3);
});

it('reads Playwright’s figures and lets nothing flaky pass', () => {
	const report = { stats: { expected: 7, unexpected: 1, flaky: 2, skipped: 3 } };
	expect(playwrightTotals(report)).toEqual({ passed: 7, failed: 3, skipped: 3 });
});

it('refuses a report without figures', () => {
	expect(() => vitestTotals({})).toThrow('testResults');
	expect(() => vitestTotals({ testResults: [] })).toThrow('numPassedTests');
	expect(() => playwrightTotals(null)).toThrow('expected');
});

it('counts a step without a report, with half a report, or failing without a failed test as one failure', () => {
	const whole = JSON.stringify(vitest(0, passed));
	expect(countStep(true, whole, vitestTotals)).toEqual({ passed: 5, failed: 0, skipped: 3 });
	expect(countStep(false, whole, vitestTotals)).toEqual({ passed: 5, failed: 1, skipped: 3 });
	for (const text of [null, '', whole.slice(0, -9), '{}', 'null'])
		expect(countStep(true, text, vitestTotals)).toMatchObject({ passed: 0, failed: 1 });
});

it('adds up', () => {
	const one = { passed: 1, failed: 2, skipped: 3 };
	expect(addTotals(addTotals(nothing, one), one)).toEqual({ passed: 2, failed: 4, skipped: 6 });
});
