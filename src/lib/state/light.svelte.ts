/** Torch and zoom of the running camera: what the person asks for, and what the camera makes of it. */
import { tick } from 'svelte';
import type { Camera } from '$lib/camera/camera';
import { asTrouble } from '$lib/domain/trouble';
import { noteError } from '$lib/storage/errors';

interface Setting {
	torch: boolean;
	/** In the camera's own units. */
	zoom: number;
}

const nothing: Setting = { torch: false, zoom: 1 };

export class Light {
	#camera: Camera | null = null;
	#shown: Setting = $state.raw(nothing);
	#refused: string | null = $state(null);
	/** What the track last said it does. */
	#held = nothing;
	#wishes = 0;

	get torch(): boolean {
		return this.#shown.torch;
	}

	get zoom(): number {
		return this.#shown.zoom;
	}

	/** Why the torch or the zoom stayed as it was, in words. */
	get refused(): string | null {
		return this.#refused;
	}

	/** Reads what the camera's track does now; every new track begins anew. */
	take(camera: Camera | null): void {
		this.#wishes++;
		this.#camera = camera;
		this.#refused = null;
		const { torch, zoom } = camera?.light ?? nothing;
		this.#held = { torch, zoom: zoom ?? camera?.capabilities.zoom?.min ?? nothing.zoom };
		this.#shown = this.#held;
	}

	async setTorch(torch: boolean): Promise<void> {
		await this.#apply({ torch }, (camera) => camera.setTorch(torch));
	}

	async setZoom(zoom: number): Promise<void> {
		await this.#apply({ zoom }, (camera) => camera.setZoom(zoom));
	}

	/** The input moves at once, and goes back where the camera refuses. */
	async #apply(wish: Partial<Setting>, change: (camera: Camera) => Promise<void>): Promise<void> {
		const camera = this.#camera;
		if (!camera) return;
		const newest = ++this.#wishes;
		this.#shown = { ...this.#shown, ...wish };
		try {
			await change(camera);
			if (camera !== this.#camera) return;
			this.#held = { ...this.#held, ...wish };
			if (newest === this.#wishes) this.#refused = null;
		} catch (cause) {
			void noteError('camera', cause);
			// The page must have shown the wish, or it would not see that it is taken back.
			await tick();
			if (newest !== this.#wishes) return;
			this.#refused = asTrouble(cause, 'camera-failed', 'The camera did not do that. Try again.').message;
			this.#shown = this.#held;
		}
	}
}
