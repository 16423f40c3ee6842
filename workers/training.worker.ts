/** Owns TensorFlow.js and the solvers. The page talks to it through `rpc/channel`; the work is in `engine/train` and `engine/tuning`. */
import { compareAnswers } from '../src/lib/engine/same-answers';
import { group, judge, learn, relearn } from '../src/lib/engine/train';
import { TuningMethods } from '../src/lib/engine/tuning';
import { serve, Transferred, type CallContext, type Port } from '../src/lib/rpc/channel';
import type { TrainingProgress } from '../src/lib/domain/training';
import { keepTuning, putRows, readRows } from '../src/lib/storage/training';

const tuning = new TuningMethods({
	spill: (projectId) => ({
		put: (rows) => putRows(projectId, rows),
		read: (rows) => readRows(projectId, rows)
	}),
	keep: (of, state) => keepTuning({ ...of, saved: Date.now(), state })
});

const api = {
	...{ compareAnswers, group, judge, learn, relearn },
	async cut(input: Parameters<typeof tuning.cut>[0]) {
		const trunk = await tuning.cut(input);
		return new Transferred(trunk, [trunk.bytes.buffer]);
	},
	tryCut: (input: Parameters<typeof tuning.tryCut>[0]) => tuning.tryCut(input),
	expect: (input: Parameters<typeof tuning.expect>[0]) => tuning.expect(input),
	put: (input: Parameters<typeof tuning.put>[0]) => tuning.put(input),
	tune: (input: Parameters<typeof tuning.tune>[0], context: CallContext<TrainingProgress>) =>
		tuning.tune(input, context),
	forget: () => tuning.forget(),
	enough: () => tuning.enough()
};
export type TrainingApi = typeof api;

serve(self as unknown as Port, api); // the page's type check reads this file too, and takes `self` for a window
