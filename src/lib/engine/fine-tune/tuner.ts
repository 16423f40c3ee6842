/**
 * What the training worker does to fine-tune: cuts the backbone, takes what its trunk says of the photos, and trains
 * the rest. Imported dynamically: reading a graph and training take libraries that a head needs none of.
 */
import type { BackboneCard } from '../../domain/card';
import type { LayersConfig, ScratchConfig, TrainingProgress, TrainingSet } from '../../domain/training';
import { Trouble } from '../../domain/trouble';
import { cutsOf, type Cut } from '../../onnx/cut';
import { exposeOutputs } from '../../onnx/expose';
import { readModel } from '../../onnx/model';
import { programOf, type Program } from '../../onnx/program';
import { cutAt } from '../../onnx/split';
import type { Job } from '../pause';
import { candidates, startTf, type StartedTf, type TfWish } from '../tf';
import { Activations, type MapDims, type Spill } from './activations';
import { agrees, firstFeatures, FIRST_ROWS } from './agreement';
import { fastestRight } from './backend';
import { fineTune, type FineTuned } from './fine-tune';
import type { Material } from './fit';
import type { TuneConfig } from './run';
import { begun, lecturePlan } from './scratch';
import { cutBefore, tuneConfigOf } from './settings';
import { stepTime } from './step-time';
import type { TuningState } from './tuning';

export interface CutInput {
	/** The backbone's own file. */
	backbone: ArrayBuffer;
	card: Pick<BackboneCard, 'name' | 'input' | 'outputs' | 'labels'>;
	/** Blocks that are trained, counted from the end. */
	blocks: number;
}

/** The lecture's network, which learns from scratch. */
export type ScratchInput = Pick<ScratchConfig, 'size'>;

export interface Trunk {
	/** An ONNX graph that takes a picture as the backbone does. */
	bytes: Uint8Array<ArrayBuffer>;
	/** Its only output, [N, dimension]. */
	features: { name: string; dimension: number };
	/** Weights that are trained behind it. */
	numbers: number;
}

export interface TuneInput {
	set: TrainingSet;
	config: LayersConfig;
	/** Left out: where an earlier run trained, else the fastest. */
	backend?: TfWish;
	/** Where an earlier run stood. */
	from: TuningState | null;
}

/** Features that the network is known to give of the first rows. */
type Known = Pick<TrainingSet, 'features' | 'dimension'>;

/** Where it keeps what memory has no room for, and where it stands. */
export interface Keeping {
	spill: Spill | null;
	/** Asked between steps whether to keep where the run stands. */
	keeps(): boolean;
	keep(state: TuningState): Promise<void>;
}

export class Tuner {
	readonly trunk: Trunk;
	readonly #program: Program;
	readonly #maps: readonly MapDims[];
	#activations: Activations | null = null;
	#enough = false;

	/** @throws Trouble 'finetune-operator' where an operator cannot be trained, 'finetune-cut' where it cannot be cut; as `cutsOf` */
	constructor(input: CutInput | ScratchInput) {
		const { program, maps, trunk } = 'size' in input ? lecturePlan(input.size) : cutPlan(input);
		[this.#program, this.#maps, this.trunk] = [program, maps, trunk];
	}

	/** Makes room. @param rows of `put`: photos times views, then those of a test */
	expect(rows: number, { spill }: Pick<Keeping, 'spill'>): void {
		this.#activations = new Activations(this.#maps, rows, { spill });
	}

	/** @param numbers what the trunk says, [dimension] @throws Trouble of whoever keeps what memory has no room for */
	async put(row: number, numbers: Float32Array): Promise<void> {
		await this.#room.put(row, numbers);
	}

	/** The person has enough: no network takes more epochs than the one under way has then. */
	end(): void {
		this.#enough = true;
	}

	/** @throws as `fineTune`, 'tf-failed' */
	async learn(
		{ set, config, backend, from }: TuneInput,
		{ keeps, keep }: Omit<Keeping, 'spill'>,
		job: Job<TrainingProgress>
	): Promise<FineTuned> {
		this.#enough = false;
		const program = this.#program;
		const scratch = config.kind === 'scratch';
		const start = scratch ? begun(program, { seed: config.seed, classes: set.classes }) : { program };
		// What has learned nothing yet is held against itself on the CPU, where TF.js runs there.
		const known = scratch ? await this.#onCpu(start.program, set).catch(() => null) : set;
		const material = { set, activations: this.#room, ...start };
		const settings = tuneConfigOf(config);
		const started = await this.#start(material, known, settings, backend ?? from?.backend ?? 'auto');
		const enough = () => this.#enough;
		return fineTune(started, material, settings, { ...job, enough, from, keeps, keep });
	}

	/** TF.js where it computes what the runtime does, and is fastest. @throws Trouble 'tf-wrong' */
	async #start(
		material: Omit<Material, 'lambda'>,
		known: Known | null,
		config: TuneConfig,
		wish: TfWish
	): Promise<StartedTf> {
		const { program, activations } = material;
		const backends = wish === 'auto' ? await candidates(wish) : [...new Set([wish, 'wasm'] as const)];
		const started = await fastestRight(backends, {
			start: startTf,
			agrees: async ({ tf }) => !known || agrees(tf, program, activations, known),
			...(wish === 'auto' && { time: (one, signal) => stepTime(one, material, config, signal) })
		});
		if (started) return started;
		throw new Trouble(
			'tf-wrong',
			'The network’s last layers compute something else where they are trained than where they are used on this device, so they were not trained. The head can be trained as before; another browser may do it.'
		);
	}

	/** What the network says of the first rows. @throws Trouble 'tf-failed' */
	async #onCpu(program: Program, { targets }: TrainingSet): Promise<Known> {
		const { tf } = await startTf('wasm');
		const photos = targets.length;
		const features = await firstFeatures(tf, program, this.#room, photos);
		return { features, dimension: features.length / Math.min(photos, FIRST_ROWS) };
	}

	get #room(): Activations {
		if (!this.#activations) throw new RangeError('No rows are expected.');
		return this.#activations;
	}
}

/** What the trunk reads too stays as it is: it would be another for the trunk, once it is put back into the graph. */
function frozen(program: Program, trunk: Uint8Array): Program {
	const read = new Set(readModel(trunk).graph.node.flatMap(({ input }) => input));
	const [parameters, constants] = [new Map(program.parameters), new Map(program.constants)];
	for (const [name, numbers] of program.parameters) {
		if (!read.has(name)) continue;
		parameters.delete(name);
		constants.set(name, numbers);
	}
	return { ...program, parameters, constants };
}

function cutPlan({ backbone, card, blocks }: CutInput) {
	const file = new Uint8Array(backbone);
	const { outputs, bytes } = card.outputs
		? { outputs: card.outputs, bytes: file }
		: exposeOutputs(file, card.labels.count);
	const { name } = outputs.features;
	const place = cutBefore(cutsOf(bytes, { input: card.input, features: name, map: null }), blocks);
	if (!place) throw uncut(card);
	const { trunk, tail, features } = cutAt(bytes, place, [name]);
	return {
		program: frozen(programOf(tail, [name]), trunk),
		maps: mapsOf(place),
		trunk: { bytes: trunk, features, numbers: place.numbers }
	};
}

const mapsOf = ({ dims }: Cut): MapDims[] =>
	dims.map(([channels = 0, height = 0, width = 0]) => [channels, height, width]);

const uncut = ({ name }: Pick<BackboneCard, 'name'>) =>
	new Trouble(
		'finetune-cut',
		`“${name}” has no place where its last blocks can be trained alone, so it can take a new head only.`
	);
