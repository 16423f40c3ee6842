import { expect, it } from 'vitest';
import { addTotals, nothing, playwrightTotals, vitestTotals } from './totals';

it('reads Vitest’s figures', () => {
	const report = {
		numPassedTests: 5,
		numFailedTests: 1,
		numPendingTests: 2,
		numTodoTests: 1,
		numFailedTestSuites: 3
	};
	expect(vitestTotals(report)).toEqual({ passed: 5, failed: 1, skipped: 3 });
});

it('counts a suite that did not load', () => {
	const report = {
		numPassedTests: 5,
		numFailedTests: 0,
		numPendingTests: 0,
		numTodoTests: 0,
		numFailedTestSuites: 1
	};
	expect(vitestTotals(report).failed).toBe(1);
});

it('reads Playwright’s figures and lets nothing flaky pass', () => {
	const report = { stats: { expected: 7, unexpected: 1, flaky: 2, skipped: 3 } };
	expect(playwrightTotals(report)).toEqual({ passed: 7, failed: 3, skipped: 3 });
});

it('refuses a report without figures', () => {
	expect(() => vitestTotals({})).toThrow('numFailedTests');
	expect(() => playwrightTotals(null)).toThrow('expected');
});

it('adds up', () => {
	const one = { passed: 1, failed: 2, skipped: 3 };
	expect(addTotals(addTotals(nothing, one), one)).toEqual({ passed: 2, failed: 4, skipped: 6 });
});
