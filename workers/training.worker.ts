/** Owns TensorFlow.js and the solvers. The page talks to it through `rpc/channel`; the work is in `engine/train`. */
import { compareAnswers } from '../src/lib/engine/same-answers';
import { group, judge, learn, relearn } from '../src/lib/engine/train';
import { serve, type Port } from '../src/lib/rpc/channel';

const api = { compareAnswers, group, judge, learn, relearn };
export type TrainingApi = typeof api;

serve(self as unknown as Port, api); // the page's type check reads this file too, and takes `self` for a window
