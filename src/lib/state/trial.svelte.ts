/** Trying what was learned: the camera or a photo, answered by the project's model, and put right where it errs. */
import { isolated } from '$lib/domain/names';
import { asTrouble } from '$lib/domain/trouble';
import { byModel, byNetworkOf } from '$lib/services/answerers';
import { forBackbone } from '$lib/services/one-backbone';
import { keepPhotos, newPhoto, nextAdded } from '$lib/services/keep-photos';
import { newId } from '$lib/services/new-id';
import type { PhotoMaker } from '$lib/services/photo-maker';
import { noteError } from '$lib/storage/errors';
import type { EngineStatus } from '$lib/services/engine-status';
import type { EngineState } from './engine.svelte';
import type { LearningState } from './learning.svelte';
import { LookState } from './look.svelte';
import type { ProjectState } from './project.svelte';
import type { SettingsState } from './settings.svelte';
import { TunedState } from './tuned.svelte';
import type { Viewfinder } from './viewfinder.svelte';

interface Parts {
	engine: EngineState;
	settings: SettingsState;
	viewfinder: Viewfinder;
	project: ProjectState;
	learning: LearningState;
	maker: PhotoMaker;
}

export class TrialState {
	/** What is on show and what the model says of it. */
	readonly look: LookState;
	readonly #project: ProjectState;
	readonly #learning: LearningState;
	readonly #maker: PhotoMaker;
	readonly #engine: EngineState;
	readonly #tuned: TunedState;
	#correcting = $state(false);
	#keeping = $state(false);
	#trouble: string | null = $state(null);
	#said: string | null = $state(null);

	constructor({ project, learning, maker, ...parts }: Parts) {
		this.#project = project;
		this.#learning = learning;
		this.#maker = maker;
		this.#engine = parts.engine;
		this.#tuned = new TunedState({
			...{ project, learning, settings: parts.settings, engine: parts.engine },
			onReady: () => this.look.again()
		});
		const model = () => learning.model;
		const backbone = forBackbone(parts.engine.service, () => learning.model?.backbone.id ?? null);
		this.look = new LookState({
			...parts,
			answerer: byNetworkOf(model, {
				tuned: this.#tuned.service.answerer(model),
				backbone: byModel(backbone, model)
			}),
			ready: () => this.status.phase === 'ready',
			crop: () => project.current?.crop ?? 'centre'
		});
	}

	/** The model's network is not the one that looks at the photos. */
	get fineTuned(): boolean {
		return this.#learning.model?.tail !== undefined;
	}

	/** Of the engine that answers. */
	get status(): Pick<EngineStatus, 'phase' | 'files' | 'trouble'> {
		return this.fineTuned ? this.#tuned.status : this.#engine.status;
	}

	/** What the backbone runs on; null while it is brought up. */
	get backend(): EngineStatus['backend'] {
		const { phase, backend } = this.#engine.status;
		return phase === 'ready' ? backend : null;
	}

	/** The model, or what it runs on, is another: what is on show is answered anew. Call while the screen is open. */
	follow(): void {
		this.#tuned.follow();
		this.look.again();
	}

	/** A fine-tuned model that could not be brought up is brought up once more. */
	tryAgain(): void {
		void this.#tuned.service.again();
	}

	/** The labels of the answers, by their index: names as they are now. */
	get names(): readonly string[] {
		const now = new Map(this.#project.labels.map(({ id, name }) => [id, name]));
		return (this.#learning.model?.labels ?? []).map(({ id, name }) => now.get(id) ?? name);
	}

	/** The picture is held, and the person is asked what it shows. */
	get correcting(): boolean {
		return this.#correcting;
	}

	/** The picture is being kept as a photo. */
	get keeping(): boolean {
		return this.#keeping;
	}

	/** Why the picture was not kept, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	/** What became of the last correction, in words. */
	get said(): string | null {
		return this.#said;
	}

	/** Holds the picture and asks what it shows. */
	async ask(): Promise<void> {
		this.#trouble = this.#said = null;
		if (this.look.mode === 'live') await this.look.freeze();
		this.#correcting = this.look.still !== null;
	}

	/** Nothing is to be put right. */
	async dismiss(): Promise<void> {
		this.#correcting = false;
		await this.look.live();
	}

	/** The picture becomes a photo of that label, and is learned from. */
	async correct(labelId: string): Promise<void> {
		const { still } = this.look;
		const label = this.#project.labels.find(({ id }) => id === labelId);
		const project = this.#project.current;
		if (!still || !label || !project || this.#keeping) return;
		this.#keeping = true;
		this.#trouble = null;
		try {
			const picture = await createImageBitmap(still.picture);
			const made = await this.#maker.make(picture, still.name);
			const kept = newPhoto(made, {
				id: newId(),
				projectId: project.id,
				labelId,
				burstId: newId(),
				added: nextAdded(Date.now(), this.#project.everything.at(-1)?.added),
				source: 'correction',
				name: '',
				split: null
			});
			await keepPhotos([kept]);
			this.#project.arrived(kept.photo);
			await this.#project.allArrived(project.id, [kept.photo.id]);
			this.#said = `Added to ${isolated(label.name)}.`;
			// The screen may have been left meanwhile: then the camera stays off.
			if (this.look.still === still) await this.dismiss();
		} catch (cause) {
			const words = 'The picture could not be added. It is still on show; try again.';
			const trouble = asTrouble(cause, 'correction-failed', words);
			this.#trouble = trouble.message;
			void noteError('correction', trouble);
		} finally {
			this.#keeping = false;
		}
	}

	/** The same for something that has no label yet. */
	async correctAs(name: string): Promise<void> {
		const labelId = await this.#project.addLabel(name);
		if (labelId) await this.correct(labelId);
		else this.#trouble = this.#project.trouble;
	}

	/** The screen is left. */
	leave(): void {
		this.#correcting = false;
		this.#trouble = this.#said = null;
		this.look.leave();
		this.look.putAway();
		this.#tuned.service.stop();
	}
}
