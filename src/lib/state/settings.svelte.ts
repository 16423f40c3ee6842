/** What the person chose, as the screens see it. */
import { Trouble } from '$lib/domain/trouble';
import { noteError } from '$lib/storage/errors';
import { defaultSettings, readSettings, writeSettings, type Settings } from '$lib/storage/settings';

export class SettingsState {
	#value: Settings = $state.raw(defaultSettings);
	#trouble: string | null = $state(null);
	#loading: Promise<void> | null = null;
	/** What is read late must not overwrite it. */
	#changed: Partial<Settings> = {};

	get value(): Settings {
		return this.#value;
	}

	/** Why the last change holds for this visit only; null where it was saved. */
	get trouble(): string | null {
		return this.#trouble;
	}

	/** Reads what was chosen before; reads it once, however often it is asked for. */
	load(): Promise<void> {
		this.#loading ??= readSettings().then((settings) => {
			this.#value = { ...settings, ...this.#changed };
		});
		return this.#loading;
	}

	/** Takes effect at once, and is saved. Never fails: what could not be saved is said in `trouble`. */
	async change(patch: Partial<Settings>): Promise<void> {
		this.#changed = { ...this.#changed, ...patch };
		this.#value = { ...this.#value, ...patch };
		try {
			await writeSettings(patch);
			this.#trouble = null;
		} catch (cause) {
			void noteError('settings', cause);
			this.#trouble = cause instanceof Trouble ? cause.message : 'The setting could not be saved.';
		}
	}
}
