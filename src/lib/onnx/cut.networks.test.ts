/** Where networks that people have may be cut, and the backbones on the shelf. */
import { describe, expect, test } from 'vitest';
import { backbones } from '../../../models/catalog';
import { realBackbones } from '../../../tests/fixtures/backbones';
import {
	efficientnetLite4,
	mobilenetV2,
	resnet50,
	shufflenetV2,
	squeezenet11,
	vgg16
} from '../../../tests/fixtures/networks';
import { cutsOf } from './cut';
import { exposeOutputs } from './expose';
import { type Model, writeModel } from './model';
import { programOf } from './program';
import { cutAt } from './split';

describe('known networks', () => {
	const exposed = (model: Model) => {
		const { bytes, outputs } = exposeOutputs(writeModel(model));
		const [features, map] = [outputs.features.name, outputs.map?.name ?? null];
		return {
			bytes,
			features,
			found: cutsOf(bytes, { input: { layout: 'NCHW', size: 224 }, features, map })
		};
	};
	const of = (model: Model) => exposed(model).found;

	test('ResNet-50: behind its stem and all of its 16 blocks but the last', () => {
		const found = of(resnet50());
		expect(found).toHaveLength(16);
		expect(found[0]?.dims).toEqual([[64, 56, 56]]);
		// conv5_3: 1 × 1, 3 × 3, 1 × 1 with their offsets.
		expect(found.at(-1)).toMatchObject({
			dims: [[2048, 7, 7]],
			numbers: 2048 * 512 + 512 + 512 * 512 * 9 + 512 + 512 * 2048 + 2048
		});
	});

	test('VGG-16: behind each of its 13 convolutions but the last, and behind the pooling where one follows', () => {
		const found = of(vgg16());
		expect(found.map(({ dims }) => dims[0]?.[1])).toEqual([
			224, 112, 112, 56, 56, 56, 28, 28, 28, 14, 14, 14
		]);
	});

	test('EfficientNet-Lite4: behind its stem and its 30 blocks, which are narrow', () => {
		const found = of(efficientnetLite4());
		expect(found).toHaveLength(31);
		expect(Math.max(...found.map(({ dims }) => dims[0]?.[0] ?? NaN))).toBe(448);
	});

	test('MobileNetV2: behind its stem and its 17 blocks, which are narrow', () => {
		const found = of(mobilenetV2());
		expect(found).toHaveLength(18);
		expect(found.at(-1)?.dims).toEqual([[320, 7, 7]]);
		expect(Math.max(...found.map(({ dims }) => dims[0]?.[0] ?? NaN))).toBe(320);
	});

	test('ShuffleNetV2: behind its stem and its 16 blocks', () => {
		const found = of(shufflenetV2());
		expect(found.map(({ dims }) => dims[0]?.[0])).toEqual([
			24,
			...Array<number>(4).fill(116),
			...Array<number>(8).fill(232),
			...Array<number>(4).fill(464)
		]);
	});

	test('SqueezeNet: behind its stem, and before each of its blocks widens', () => {
		const found = of(squeezenet11());
		expect(found.map(({ dims }) => dims[0]?.[0])).toEqual([64, 16, 16, 32, 32, 48, 48, 64, 64]);
	});

	test.each(Object.entries({ resnet50, efficientnetLite4, mobilenetV2, shufflenetV2, squeezenet11 }))(
		'%s, as the catalogue has it, can be trained behind its last places',
		(_, make) => {
			const { bytes, features, found } = exposed(make());
			for (const cut of found.slice(-2)) {
				const { steps, parameters } = programOf(cutAt(bytes, cut, [features]).tail);
				expect(steps.some(({ kind }) => kind === 'conv')).toBe(true);
				for (const step of steps) if (step.kind === 'reshape') expect(step.shape[0]).toBe(0);
				const numbers = [...parameters.values()].reduce((sum, { data }) => sum + data.length, 0);
				expect(numbers).toBe(cut.numbers);
			}
		}
	);
});

describe.each(realBackbones)('$name', ({ name, absent, read }) => {
	test.skipIf(absent)('is cut behind its blocks, never on the way', () => {
		const { bytes, input: facts, outputs } = read();
		const asked = { input: facts, features: outputs.features.name, map: outputs.map?.name ?? null };
		const found = cutsOf(bytes, asked);
		const last = {
			'mobilenet-v1-025': ['Conv2d_12_pointwise/Relu6'],
			duo: ['imagenet/Conv2d_12_pointwise/Relu6', 'openimages/expanded_conv_14/add']
		}[name] ?? ['conv_196'];
		expect(found.length).toBeGreaterThanOrEqual(13);
		expect(found.at(-1)?.values).toEqual(last);
		for (const [i, { values, dims, numbers }] of found.entries()) {
			expect(values).toHaveLength(last.length);
			expect(dims.map(({ length }) => length)).toEqual(last.map(() => 3));
			expect(numbers).toBeLessThan(found[i - 1]?.numbers ?? Infinity);
		}
	});
});

test('the places that the catalog names are among them', () => {
	const card = backbones.find(({ id }) => id === 'mobilenet-v1-025');
	const found = realBackbones.find(({ name }) => name === card?.id)?.read();
	if (!card || !found) throw new Error('not built');
	const { bytes, input: facts, outputs } = found;
	const offered = cutsOf(bytes, { input: facts, features: outputs.features.name, map: null });
	expect(offered.map(({ values }) => values.join(' + '))).toEqual(expect.arrayContaining(card.cuts));
	expect(card.cuts.length).toBeGreaterThan(0);
});
