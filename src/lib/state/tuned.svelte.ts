/** The engine of a fine-tuned model, as the screen sees it that tries the model. */
import { base } from '$app/paths';
import type { Model } from '$lib/domain/model';
import { createShareWorker, makeEngine, openFile } from '$lib/services/engine-parts';
import { ownOf } from '$lib/services/own-model';
import { TunedEngine } from '$lib/services/tuned-engine';
import { noteError } from '$lib/storage/errors';
import type { EngineState } from './engine.svelte';
import type { LearningState } from './learning.svelte';
import type { ProjectState } from './project.svelte';
import type { SettingsState } from './settings.svelte';

interface Parts {
	settings: SettingsState;
	engine: EngineState;
	project: ProjectState;
	learning: LearningState;
	/** There can be answers from now on. */
	onReady(): void;
}

export class TunedState {
	readonly service: TunedEngine;
	readonly #parts: Parts;
	/** The backbone runs on the CPU; as it was seen last. */
	#onCpu = false;
	#status: TunedEngine['status'];

	constructor(parts: Parts) {
		this.#parts = parts;
		this.service = new TunedEngine({
			engineWith: (files) => makeEngine(base, files),
			make: (model, signal) => this.#make(model, signal)
		});
		this.#status = $state.raw(this.service.status);
		this.service.subscribe((status) => {
			const before = this.#status;
			this.#status = status;
			if (status.phase === 'ready' && before.phase !== 'ready') parts.onReady();
			if (status.trouble && status.trouble !== before.trouble) void noteError('engine', status.trouble);
		});
	}

	get status(): TunedEngine['status'] {
		return this.#status;
	}

	/** Takes up the project's model: it is brought up where it is fine-tuned, else nothing runs. */
	follow(): void {
		const { model } = this.#parts.learning;
		if (!model?.tail) return this.service.stop();
		const { settings, engine } = this.#parts;
		const { backend, threads } = settings.value;
		// Where the backbone did not run on the graphics processor, what was trained of it does not either.
		if (engine.status.phase === 'ready') this.#onCpu = engine.status.backend === 'wasm';
		void this.service.use(model, { preference: this.#onCpu ? 'wasm' : backend, threads: threads ?? 1 });
	}

	async #make(model: Model, signal: AbortSignal) {
		const { project, learning } = this.#parts;
		const { current, labels } = project;
		if (!current) throw new Error('no project is open');
		const names = new Map(labels.map(({ id, name }) => [id, name]));
		const openBackbone = async (file: Parameters<typeof openFile>[0]) =>
			(await openFile(file, { base, signal })).bytes;
		const made = {
			project: current,
			model,
			run: learning.runs.find(({ modelId }) => modelId === model.id) ?? null,
			labels: model.labels.map(({ id, name }) => names.get(id) ?? name)
		};
		return ownOf({ createWorker: createShareWorker, openBackbone }, made, signal);
	}
}
