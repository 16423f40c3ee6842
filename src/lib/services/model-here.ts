/** Whether a model that comes is on this device already, whatever it is called. */
import type { BackboneCard } from '$lib/domain/card';
import type { Received, ReceivedModel } from '$lib/domain/received';
import { readLabels } from '$lib/files/received/labels';
import { noteError } from '$lib/storage/errors';
import { openReceived } from '$lib/storage/received';
import { openVerified } from '$lib/storage/verified';
import { backbones } from '$models/catalog';

/** The network of the catalogue that it is, byte for byte. */
export function networkOf({ sha256 }: Received): BackboneCard | undefined {
	return backbones.find(({ file }) => file.sha256 === sha256);
}

/** The one among these that came as the same file, or is what this file holds; one that is damaged here is none. */
export async function sameModel(
	{ came, sha256 }: Pick<Received, 'came' | 'sha256'>,
	models: readonly ReceivedModel[]
): Promise<ReceivedModel | null> {
	const here = models.find((model) => model.came.sha256 === came.sha256 || model.card.file.sha256 === sha256);
	return here && (await isWhole(here)) ? here : null;
}

/** What is kept of it is what was kept. */
export async function isWhole({ card }: ReceivedModel): Promise<boolean> {
	const parts = await Promise.allSettled([openReceived(card.file), openReceived(card.labels)]);
	return parts.every(({ status }) => status === 'fulfilled');
}

/** ImageNet's names, of the network that comes with the app. Never fails: null where they cannot be had. */
export async function imagenetNames(base: string, signal: AbortSignal): Promise<readonly string[] | null> {
	const [card] = backbones;
	if (!card) return null;
	try {
		const { bytes } = await openVerified(card.labels, { base, signal });
		return readLabels(new TextDecoder().decode(bytes));
	} catch (cause) {
		if (!signal.aborted) void noteError('receiving', cause);
		return null;
	}
}
