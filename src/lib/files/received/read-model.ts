/** Models as files: ours, Teachable Machine's, and any image classifier in ONNX, alone or in a zip with its labels. */
import type { OutputFacts } from '$lib/domain/card';
import { cleanName, cleanText, FreeNames } from '$lib/domain/names';
import { pixelRange } from '$lib/domain/ranges';
import { Trouble } from '$lib/domain/trouble';
import { exposeOutputs } from '$lib/onnx/expose';
import { metadataOf, namesInGraph } from '$lib/onnx/facts';
import { type Model, readModel } from '$lib/onnx/model';
import { NAMES } from '$lib/onnx/assemble';
import type { SourceFile } from '../dataset';
import { sha256Of } from '../hash';
import { CARD_KEY, OUTPUTS_KEY } from '../model-layout';
import { teachableKind } from '../teachable/contents';
import { readTeachable } from '../teachable/read-model';
import { isZip, openZip } from '../zip';
import { LARGEST_LABELS, MOST_CLASSES, readLabels } from './labels';
import { readOwnCard } from './own-card';
import { pictureOf } from './picture';
import type { Received } from '$lib/domain/received';
import { outputsIn } from './outputs';
import { LICENCE_UNSTATED } from './received';

/** ResNet-50, the largest network of our own shelf, has 98 MB. */
const LARGEST_MODEL = 128 * 2 ** 20;
/** Models of TensorFlow, Keras, PyTorch, Core ML and Caffe. */
const OTHERS = /\.(tflite|lite|h5|hdf5|keras|pb|pt|pth|ckpt|safetensors|mlmodel|mlpackage|caffemodel)$/i;
const zipLimits = { entries: 2000, entryBytes: LARGEST_MODEL };

type Read = Omit<Received, 'came' | 'sha256'>;

/**
 * @param name of the file, for words and for a model without one
 * @throws Trouble of `openZip`, `readTeachable`, `readModel` and `exposeOutputs`; 'model-too-large', 'model-other', 'model-unsuitable',
 *   'model-none', 'model-several', 'model-newer', 'model-card-broken', 'not-secure'
 */
export async function readReceived(file: Blob, name: string): Promise<Received> {
	if (file.size > LARGEST_MODEL)
		throw new Trouble(
			'model-too-large',
			`“${cleanText(name, 100)}” has ${Math.ceil(file.size / 2 ** 20)} MB. A model can have ${LARGEST_MODEL / 2 ** 20}.`
		);
	if (OTHERS.test(name)) throw otherKind(name);
	const bytes = await file.arrayBuffer();
	const sha256 = await sha256Of(bytes);
	const read = (await isZip(file)) ? await fromZip(file, name) : fromOnnx(new Uint8Array(bytes), name, null);
	return {
		...read,
		came: { name: cleanText(name, 200), bytes: file.size, sha256 },
		sha256: await sha256Of(read.onnx)
	};
}

async function fromZip(file: Blob, name: string): Promise<Read> {
	const { files } = await openZip(file, name, zipLimits);
	if (teachableKind(files)) return fromTeachable(file, name);
	const [model, ...others] = files.filter(
		({ path }) => /\.onnx$/i.test(path) && !/(^|\/)(\.|__MACOSX)/.test(path)
	);
	if (!model) throw noModel(name);
	if (others.length > 0)
		throw new Trouble('model-several', 'There is more than one model in this zip. Choose a zip with one.');
	const bytes = new Uint8Array(await (await model.read()).arrayBuffer());
	return fromOnnx(bytes, name, await labelsBeside(model, files));
}

/** `labels.txt` of Custom Vision, and what others call it; null where there is none that can be read. */
async function labelsBeside({ path }: SourceFile, files: readonly SourceFile[]): Promise<string[] | null> {
	const folder = path.slice(0, path.lastIndexOf('/') + 1);
	const found = files.find(
		(file) =>
			file.size <= LARGEST_LABELS &&
			file.path.startsWith(folder) &&
			/^[^/]*(label|class|name)[^/]*\.(txt|json)$/i.test(file.path.slice(folder.length))
	);
	return found ? readLabels(await (await found.read()).text()) : null;
}

async function fromTeachable(file: Blob, name: string): Promise<Read> {
	const model = await readTeachable(file, name);
	const { onnx, labels, imageSize: size, dimension, channels, classifier } = model;
	return {
		kind: 'teachable',
		...{ onnx, name: model.name, labels, classes: labels.length },
		...{ licence: LICENCE_UNSTATED, attribution: 'Made with Teachable Machine', source: 'Teachable Machine' },
		input: { name: NAMES.input, layout: 'NCHW', size, range: pixelRange('unit') },
		guess: { layout: 'NCHW', size, range: 'unit' },
		outputs: {
			scores: { name: NAMES.probabilities, kind: 'probabilities', skip: 0 },
			features: { name: NAMES.features, dimension },
			map: classifier === null ? null : { name: NAMES.map, channels, classifier }
		},
		facts: null
	};
}

function fromOnnx(bytes: Uint8Array<ArrayBuffer>, name: string, beside: readonly string[] | null): Read {
	const model = readGraph(bytes, name);
	const metadata = metadataOf(model);
	const own = metadata.get(CARD_KEY);
	return own === undefined ? strangers(bytes, model, metadata, name, beside) : ours(bytes, model, own);
}

/** @throws Trouble of `readModel`; 'model-none' instead of 'onnx-broken' where even the name says nothing of ONNX */
function readGraph(bytes: Uint8Array<ArrayBuffer>, name: string): Model {
	try {
		return readModel(bytes);
	} catch (cause) {
		const isBroken = cause instanceof Trouble && cause.code === 'onnx-broken';
		throw isBroken && !/\.(onnx|zip)$/i.test(name) ? noModel(name, cause) : cause;
	}
}

function ours(onnx: Uint8Array<ArrayBuffer>, model: Model, text: string): Read {
	const { facts, threshold } = readOwnCard(text);
	const labels = new FreeNames();
	const { backbone } = facts;
	const { input } = exposeOutputs(onnx);
	const { layout, size } = input;
	if (input.name !== NAMES.input || layout === null || size === null) throw cardBroken();
	return {
		kind: 'lensmith',
		...{ onnx, name: facts.name || 'Model', classes: facts.labels.length, facts },
		labels: facts.labels.map((label, index) => labels.add(cleanName(label.name) || `Label ${index + 1}`)),
		licence: backbone.licence,
		attribution: `${facts.app}, on ${backbone.name}: ${backbone.attribution}`,
		source: backbone.source,
		...pictureOf({ input, metadata: metadataOf(model), producer: '' }),
		outputs: ownOutputs(model, facts.labels.length, threshold)
	};
}

/** By the names that `assemble` gives. @throws Trouble where the graph is not as its card says */
function ownOutputs({ graph }: Model, labels: number, threshold: number | null): OutputFacts {
	const answers = new Set(graph.output.map(({ name }) => name));
	const constant = (name: string) => graph.initializer.find((tensor) => tensor.name === name);
	const layers = Array.from({ length: 8 }, (_, layer) => constant(NAMES.weights(layer))).filter((one) => one);
	const [first, last] = [layers[0]?.dims.map(Number), layers.at(-1)?.dims.map(Number)];
	const dimension = first?.[1];
	if (!dimension || last?.[0] !== labels || !answers.has(NAMES.features)) throw cardBroken();
	if (!answers.has(NAMES.probabilities) || (threshold !== null) !== answers.has(NAMES.familiarity))
		throw cardBroken();
	const sees = answers.has(NAMES.map) && layers.length === 1;
	return {
		scores: { name: NAMES.probabilities, kind: 'probabilities', skip: 0 },
		features: { name: NAMES.features, dimension },
		// Whether the map has as many channels is seen when it is first asked for.
		map: sees ? { name: NAMES.map, channels: dimension, classifier: NAMES.weights(0) } : null,
		...(threshold !== null && { familiarity: { name: NAMES.familiarity, threshold } })
	};
}

function strangers(
	onnx: Uint8Array<ArrayBuffer>,
	model: Model,
	metadata: ReadonlyMap<string, string>,
	name: string,
	beside: readonly string[] | null
): Read {
	const inside = readLabels(metadata.get('names') ?? '') ?? namesIn(model);
	const { input, classes } = exposeOutputs(onnx);
	if (classes < 2 || classes > MOST_CLASSES)
		throw new Trouble(
			'model-unsuitable',
			`This network cannot be used here: it answers with ${classes === 1 ? 'a single number' : `${classes} numbers`} and not with a score for each of its labels.`
		);
	// One score more than there are names is a background.
	const labels = [beside, inside].find((names) => names && [0, 1].includes(classes - names.length)) ?? null;
	const read = pictureOf({ input, metadata, producer: model.producerName });
	return {
		kind: 'onnx',
		...{ onnx, labels, classes: labels?.length ?? classes, facts: null },
		outputs: outputsIn(metadata.get(OUTPUTS_KEY), model),
		name: cleanName(name.replace(/\.(onnx|zip)$/i, '').slice(0, 200)) || 'Model',
		licence: cleanText(metadata.get('license') ?? '', 200) || LICENCE_UNSTATED,
		attribution: cleanText(metadata.get('author') ?? '', 200) || 'Not stated in the file',
		source:
			cleanText(metadata.get('description') ?? '', 400) || cleanText(model.producerName, 100) || 'A file',
		...read
	};
}

function namesIn(model: Model): string[] | null {
	const names = namesInGraph(model);
	return names && names.length <= MOST_CLASSES ? readLabels(JSON.stringify(names)) : null;
}

const otherKind = (name: string) =>
	new Trouble(
		'model-other',
		`“${cleanText(name, 100)}” is a model of another kind. Lensmith opens .onnx files, and zips of Teachable Machine and Custom Vision; the program that made it can most likely export it as ONNX.`
	);

const noModel = (name: string, cause?: unknown) =>
	new Trouble(
		'model-none',
		`“${cleanText(name, 100)}” holds no model that is known here. Models come as .onnx, or as a zip of Teachable Machine or Custom Vision.`,
		{ cause }
	);

const cardBroken = () =>
	new Trouble(
		'model-card-broken',
		'This is a model made with Lensmith, but its network is not as the file says. Ask for the file again.'
	);
