import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeEach, expect, it } from 'vitest';
import { materialOf } from '../../../../tests/fixtures/tuning';
import { agrees } from './agreement';

beforeEach(() => tf.setBackend('cpu'));

it('a network that gives the features it is known by agrees, one that is off does not, and no tensor stays', async () => {
	const { program, activations, set } = await materialOf(tf, 8);
	const before = tf.memory().numTensors;
	expect(await agrees(tf, program, activations, set)).toBe(true);
	const kernel = program.parameters.get('k1');
	if (!kernel) throw new Error('there is no kernel');
	const wrong = { ...kernel, data: kernel.data.map((value) => 0.9 * value) };
	const other = { ...program, parameters: new Map([...program.parameters, ['k1', wrong]]) };
	expect(await agrees(tf, other, activations, set)).toBe(false);
	const broken = { ...set, features: set.features.map(() => NaN) };
	expect(await agrees(tf, program, activations, broken)).toBe(false);
	expect(tf.memory().numTensors).toBe(before);
});
