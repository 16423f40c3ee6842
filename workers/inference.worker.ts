/** Owns ONNX Runtime. The page talks to it through `rpc/channel`; the work is in `engine/inference`. */
import { Inference, methodsOf } from '../src/lib/engine/inference';
import { serve, type Port } from '../src/lib/rpc/channel';

const api = methodsOf(new Inference());
export type InferenceApi = typeof api;

serve(self as unknown as Port, api); // the page's type check reads this file too, and takes `self` for a window
