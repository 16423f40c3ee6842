/** Every card by its id: of the catalogue, of networks that the app makes itself, and of models that came as files. */
import type { BackboneCard } from '$lib/domain/card';
import type { ReceivedModel } from '$lib/domain/received';
import { listReceived } from '$lib/storage/received';
import { backboneById, backbones } from '$models/catalog';
import { madeCards } from '$models/made';

let received: readonly ReceivedModel[] = [];

/** Reads which models came as files, those in the trash too. @throws Trouble 'not-read' */
export async function readCards(): Promise<readonly ReceivedModel[]> {
	received = await listReceived();
	return received;
}

/** As last read; those in the trash are none. */
export function cardById(id: string): BackboneCard | undefined {
	return (
		backboneById(id) ??
		madeById(id) ??
		received.find((model) => model.id === id && model.trashed === null)?.card
	);
}

const madeById = (id: string) => madeCards.find((card) => card.id === id);

/** What a project that begins on this card looks at photos with. */
export function groundOf(card: BackboneCard): BackboneCard {
	const { taught, delivery } = card;
	if (!taught) return card;
	// What a network from scratch learned is of use for its own labels only.
	if (madeById(taught.backbone.id)) return backbones[0] ?? card;
	// The same features, and a network of the app has more to offer.
	const ours = backbones.find(
		({ file, ...other }) => other.delivery === 'embedded' && file.sha256 === taught.backbone.sha256
	);
	return ours ?? (delivery === 'own' ? cardById(taught.backbone.id) : undefined) ?? card;
}

/** A model that was thrown away and can be taken back. */
export function isInTrash(id: string): boolean {
	return received.some((model) => model.id === id && model.trashed !== null);
}
