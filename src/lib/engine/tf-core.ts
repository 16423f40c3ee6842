/** TF.js core, then the gradients of its operations, which it does not register by itself. */
export * from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
