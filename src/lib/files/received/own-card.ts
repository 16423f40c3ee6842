/** The card that a model taught with Lensmith carries in its file, as far as it is believed. */
import * as v from 'valibot';
import type { ModelFacts } from '$lib/domain/model-facts';
import { cleanName, cleanText } from '$lib/domain/names';
import { MOST_LABELS } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { decodeJson } from '../json';

const LONGEST_CARD = 2 ** 20;
const LATEST = 8.64e15; // of JavaScript's dates
const number = v.pipe(v.number(), v.finite());
const whole = (least: number, most: number) =>
	v.pipe(number, v.integer(), v.minValue(least), v.maxValue(most));
const share = v.pipe(number, v.minValue(0), v.maxValue(1));
const words = (longest: number) =>
	v.pipe(
		v.string(),
		v.maxLength(4000),
		v.transform((text) => cleanText(text, longest))
	);
const labelName = v.pipe(
	v.string(),
	v.maxLength(4000),
	v.transform((text) => cleanName(text))
);
const estimate = v.pipe(
	v.object({ value: share, low: share, high: share }),
	v.check(({ value, low, high }) => low <= value && value <= high)
);
const signature = v.object({ format: v.literal('lensmith-model'), version: whole(1, 1e9) });
const photos = whole(0, 1e9);
const judged = v.pipe(
	v.object({ photos, own: photos, file: photos }),
	v.check((counts) => counts.own <= counts.photos && counts.file <= counts.photos)
);

const card = v.object({
	format: v.literal('lensmith-model'),
	version: v.literal(1),
	name: words(60),
	created: v.pipe(number, v.minValue(0), v.maxValue(LATEST)),
	app: words(40),
	labels: v.pipe(v.array(v.object({ name: labelName, photos })), v.minLength(2), v.maxLength(MOST_LABELS)),
	backbone: v.object({
		id: words(100),
		name: words(60),
		sha256: v.pipe(v.string(), v.regex(/^[\da-f]{64}$/)),
		licence: words(200),
		attribution: words(400),
		source: words(400)
	}),
	crop: v.picklist(['centre', 'whole']),
	precision: v.picklist(['fp32', 'fp16', 'int8']),
	judgement: v.nullable(
		v.object({
			source: v.picklist(['folds', 'test']),
			photos,
			accuracy: estimate,
			calibrationError: share
		})
	),
	strangers: v.nullable(
		v.object({
			kept: share,
			near: v.nullable(share),
			far: v.exactOptional(v.pipe(v.array(v.object({ kind: words(100), refused: share })), v.maxLength(100)))
		})
	),
	measured: v.nullable(
		v.pipe(
			v.object({ photos, alike: photos, judged: v.nullable(judged) }),
			v.check((counts) => counts.alike <= counts.photos)
		)
	),
	training: v.pipe(
		v.record(v.pipe(v.string(), v.maxLength(100)), v.union([words(200), number, v.boolean()])),
		v.check((settings) => Object.keys(settings).length <= 100)
	),
	/** Of the gate nothing but the threshold is needed to run the file. */
	parts: v.object({ gate: v.nullable(v.object({ threshold: number })) })
});

export interface OwnCard {
	facts: ModelFacts;
	/** Below this `familiarity` it is "not sure"; null without a gate. */
	threshold: number | null;
}

/** @throws Trouble 'model-newer', 'model-card-broken' */
export function readOwnCard(text: string): OwnCard {
	try {
		if (text.length > LONGEST_CARD) throw new RangeError('too long');
		if (decodeJson(signature, text).version > 1)
			throw new Trouble(
				'model-newer',
				'This model was made by a newer Lensmith. Nothing was changed. Reload the page to get the newer version, then open the file again.'
			);
		const { parts, ...facts } = decodeJson(card, text);
		return { facts, threshold: parts.gate?.threshold ?? null };
	} catch (cause) {
		if (cause instanceof Trouble) throw cause;
		throw new Trouble(
			'model-card-broken',
			'This is a model made with Lensmith, but what it says of itself is damaged. Ask for the file again.',
			{ cause }
		);
	}
}
