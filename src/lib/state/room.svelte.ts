/** How much room is left for photos on this device. */
import { storageUsage } from '$lib/storage/usage';

export class Room {
	#left: number | null = $state(null);

	/** Bytes; null where the browser does not say. */
	get left(): number | null {
		return this.#left;
	}

	/** Never fails. */
	async refresh(): Promise<void> {
		const usage = await storageUsage();
		this.#left = usage && Math.max(0, usage.quota - usage.used);
	}
}
