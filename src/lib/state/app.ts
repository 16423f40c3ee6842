/** The one instance of each state; screens share them. */
import type { SourceFile } from '$lib/files/dataset';
import { makePhotoMaker } from '$lib/services/photo-maker';
import { eraseEverything } from '$lib/storage/everything';
import { Arrivals } from './arrivals.svelte';
import { Erasure } from './erasure.svelte';
import { CaptureState } from './capture.svelte';
import { gatherDiagnostics } from './diagnostics';
import { Duplicates } from './duplicates.svelte';
import { EngineState } from './engine.svelte';
import { LargePhoto } from './large-photo.svelte';
import { LearningState } from './learning.svelte';
import { LookState } from './look.svelte';
import { ImportState } from './import.svelte';
import { Many } from './many.svelte';
import { OpeningState } from './opening.svelte';
import { ProjectState } from './project.svelte';
import { Projects } from './projects.svelte';
import { ReadinessState } from './readiness.svelte';
import { ReceivedModels } from './received.svelte';
import { ReceivingState } from './receiving.svelte';
import { Room } from './room.svelte';
import { Sample } from './sample.svelte';
import { Saving } from './saving.svelte';
import { SettingsState } from './settings.svelte';
import { Sharing } from './sharing.svelte';
import { Snippets } from './snippets.svelte';
import { Shelf } from './shelf.svelte';
import { TeachOn } from './teach-on.svelte';
import { Thumbnails } from './thumbnails.svelte';
import { Trash } from './trash.svelte';
import { TrialState } from './trial.svelte';
import { Viewfinder } from './viewfinder.svelte';

export { defaultBackbone } from './choice.svelte';
export { watchErrors } from './diagnostics';

export const settings = new SettingsState();
/** Models that came as files. */
export const received: ReceivedModels = new ReceivedModels((kept) => void engine.freshen(kept));
export const engine: EngineState = new EngineState(settings, received);
export const viewfinder = new Viewfinder(settings);
export const look = new LookState({ engine, settings, viewfinder });
export const readiness = new ReadinessState(engine, settings);
export const shelf = new Shelf();
export const room = new Room();
export const trash = new Trash(() => received.changed());
export const thumbnails = new Thumbnails();
export const sample = new Sample();
export const projects = new Projects(engine, settings);
export const project = new ProjectState();
export const teachOn = new TeachOn(projects);
/** Makes photos of files and of frames. */
const maker = makePhotoMaker();
export const capture = new CaptureState(settings, project, room, maker);
/** Project files and model files, whichever way they come. */
export const opening = new OpeningState(projects, shelf);
export const receiving = new ReceivingState(shelf, received);
const divert = async (sources: readonly SourceFile[]) => opening.takeFrom(await receiving.takeFrom(sources));
export const arrivals = new Arrivals(divert);
export const imports = new ImportState(project, room, maker, divert);
/** Many photos at once, asked about with the model that Look has. */
export const many = new Many({ engine, settings, divert });
export const learning = new LearningState({ engine, settings, onRun: () => project.refresh() });
export const saving = new Saving(async () => {
	await Promise.all([project.refresh(), projects.refresh()]);
});
/** The model of the open project, as files. */
export const sharing = new Sharing(learning);
export const snippets = new Snippets();
export const largePhoto = new LargePhoto();
export const duplicates = new Duplicates();
export const trial = new TrialState({ engine, settings, viewfinder, project, learning, maker });

/** Text for a report. */
export const diagnostics = () => gatherDiagnostics({ engine, look, readiness, settings });

/** Takes back all that is kept here. What would keep it again is ended first. */
export const erasure = new Erasure({
	async end() {
		readiness.stop();
		look.leave();
		await Promise.all([
			...[capture.stop(), imports.stop(), projects.stop(), trash.stop()],
			...[opening.stop(), saving.stop(), sharing.stop(), receiving.stop(), received.stop()]
		]);
		trial.leave();
		many.leave();
		duplicates.forget();
		largePhoto.close();
		arrivals.leave();
		learning.end();
		maker.stop();
		project.close();
		thumbnails.clear();
		engine.stop();
		await shelf.pauseAll();
	},
	erase: eraseEverything
});
