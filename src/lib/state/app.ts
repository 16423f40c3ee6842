/** The one instance of each state; screens share them. */
import { eraseEverything } from '$lib/storage/everything';
import { Erasure } from './erasure.svelte';
import { gatherDiagnostics } from './diagnostics';
import { EngineState } from './engine.svelte';
import { LookState } from './look.svelte';
import { ReadinessState } from './readiness.svelte';
import { SettingsState } from './settings.svelte';
import { Shelf } from './shelf.svelte';
import { Viewfinder } from './viewfinder.svelte';

export { defaultBackbone } from './engine.svelte';
export { watchErrors } from './diagnostics';

export const settings = new SettingsState();
export const engine = new EngineState(settings);
export const viewfinder = new Viewfinder(settings);
export const look = new LookState(engine, settings, viewfinder);
export const readiness = new ReadinessState(engine, settings);
export const shelf = new Shelf();

/** Text for a report. */
export const diagnostics = () => gatherDiagnostics({ engine, look, readiness, settings });

/** Takes back all that is kept here. What would keep it again is ended first. */
export const erasure = new Erasure({
	async end() {
		readiness.stop();
		look.leave();
		engine.stop();
		await shelf.pauseAll();
	},
	erase: eraseEverything
});
