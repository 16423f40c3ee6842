import { expect, test } from 'vitest';
import type { ModelFacts } from '$lib/domain/model-facts';
import { backbones } from '$models/catalog';
import { goodness } from './words';

const accuracy = { value: 0.9, low: 0.8, high: 0.96 };

test('a model that was not judged, for whatever reason, is said not to have been measured', () => {
	const [card] = backbones;
	const taught = {
		precision: 'fp32',
		measured: null,
		judgement: { source: 'folds', photos: 60, accuracy, calibrationError: 0.04 }
	} as ModelFacts; // all that is read of it
	const words = (facts: ModelFacts) => card && goodness({ ...card, taught: facts });
	expect(words(taught)).toContain('right on 90 of 100');
	expect(words({ ...taught, judgement: null })).toBe('How often it is right was not measured.');
});
