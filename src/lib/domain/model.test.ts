import { expect, test } from 'vitest';
import { answering, type Model } from './model';

// What is looked at of them.
const model = (created: number, from?: string) => ({ created, from }) as Model;
const judged = model(10);

test.each([
	['nothing was learned', { judged: null, judgedFrom: null, live: null }, 'now', null],
	['judged, and nothing has changed', { judged, judgedFrom: 'now', live: model(20, 'now') }, 'now', 'judged'],
	['photos came since', { judged, judgedFrom: 'then', live: model(20, 'now') }, 'now', 'live'],
	['… and were taken away again', { judged, judgedFrom: 'now', live: model(20, 'then') }, 'now', 'judged'],
	['nobody went on learning', { judged, judgedFrom: 'then', live: null }, 'now', 'judged'],
	['both are outdated: the newer', { judged, judgedFrom: 'a', live: model(20, 'b') }, 'now', 'live'],
	['both are outdated: trained since', { judged, judgedFrom: 'a', live: model(5, 'b') }, 'now', 'judged'],
	['what there is is not known yet', { judged, judgedFrom: 'a', live: model(20, 'b') }, '', 'judged'],
	['never judged', { judged: null, judgedFrom: null, live: model(20, 'b') }, 'now', 'live']
] as const)('%s', (_, models, mark, expected) => {
	const found = answering(models, mark);
	expect(found === null ? null : found === judged ? 'judged' : 'live').toBe(expected);
});
