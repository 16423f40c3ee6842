/** Who answers a whole table of photos: one model, as long as it stays the same. */
import type { BackboneCard } from '$lib/domain/card';
import { hasSynonyms, hasTest, LabelNames } from '$lib/domain/predictions';
import { Trouble } from '$lib/domain/trouble';
import type { DatasetItem } from '$lib/files/dataset';
import { byBackbone, type Answerer } from './answerers';
import type { Engine } from './engine';

/** What answered: rows speak of its labels by index. */
export interface Asked {
	card: BackboneCard;
	labels: readonly string[];
	names: LabelNames;
	/** Only the set's test part counts. */
	tested: boolean;
}

export interface AskedEngine {
	readonly service: Pick<Engine, 'classify' | 'whenReady' | 'labels'>;
	/** Of what runs, or is on its way. */
	readonly card: BackboneCard;
	/** Takes up what a project's model has learned since. */
	freshen(): Promise<void>;
}

/** What runs once it is ready, with all that a project's model has learned. @throws AbortError */
export async function whoIsAsked(
	engine: AskedEngine,
	photos: Iterable<Pick<DatasetItem, 'label' | 'split'>>,
	signal: AbortSignal
): Promise<Asked> {
	await engine.freshen();
	await engine.service.whenReady(signal);
	signal.throwIfAborted();
	const { card, service } = engine;
	const { labels } = service;
	const names = new LabelNames(labels, hasSynonyms(card));
	return { card, labels, names, tested: hasTest(photos, names) };
}

/** Answers of another model do not come into the same table. @param onchanged told in words that it ends there */
export function answererOf(
	engine: AskedEngine,
	{ card, labels }: Asked,
	onchanged: (trouble: Trouble) => void
): Answerer {
	const { sureFrom, answer, whenReady } = byBackbone(engine.service, () => card);
	return {
		...{ sureFrom, whenReady },
		answer: (source, crop) => {
			if (isSame(engine.card, card) && areSame(engine.service.labels, labels)) return answer(source, crop);
			source.close();
			const trouble = changed(card, engine.card);
			onchanged(trouble);
			return Promise.reject(trouble);
		}
	};
}

/** A project's model keeps its id whatever it learns, and gets another card each time; others are told by their ids. */
export const isSame = (one: BackboneCard, other: BackboneCard) =>
	one === other || (one.id === other.id && one.delivery !== 'own');
const areSame = (some: readonly string[], others: readonly string[]) =>
	some.length === others.length && some.every((label, i) => label === others[i]);

function changed({ id, name }: BackboneCard, now: BackboneCard): Trouble {
	const words =
		id === now.id
			? `${name} changed, so it stopped there. What it answered before stays. Bring the photos again to ask it anew.`
			: `Another model took over from ${name}, so it stopped there. What ${name} answered stays. Bring the photos again to ask the other.`;
	return new Trouble('many-model-changed', words);
}
