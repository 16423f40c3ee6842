/** How fast damaged files are judged: each reader of files that strangers give, on small files and seeded damage. */
import { Random } from '../../../src/lib/domain/random';
import { readLabels } from '../../../src/lib/files/received/labels';
import { openProjectFile } from '../../../src/lib/files/project-file';
import { readReceived } from '../../../src/lib/files/received/read-model';
import { readTeachable } from '../../../src/lib/files/teachable/read-model';
import { checkGraph } from '../../../src/lib/onnx/check';
import { readModel } from '../../../src/lib/onnx/model';
import { readFacts } from '../../../src/lib/runner/facts';
import { mutated, pick } from '../../fixtures/mutations';
import { zipOf } from '../../fixtures/teachable';
import { atMost, plain, type Row } from '../report';
import { smallFiles, type Bytes } from './small-files';

const area = 'share';
/** Damaged files that are not timed: code is compiled while they are read. */
const WARM_UP = 50;

interface Reader {
	name: string;
	/** One file, damaged. */
	damaged(random: Random): Bytes | Promise<Bytes>;
	read(bytes: Bytes): unknown;
}

export async function* decoders(count: number): AsyncGenerator<Row> {
	let odd = 0;
	for (const reader of readersOf(await smallFiles())) {
		const seen = await judged(reader, count);
		odd += seen.odd;
		const [cases, refused] = [count, seen.refused].map((n) => n.toLocaleString('en'));
		yield plain({
			...{ area, unit: 'a second', name: `damaged files judged: ${reader.name}`, value: seen.each },
			rival: `${cases} cases, ${refused} refused in words`
		});
	}
	yield atMost(
		{ area, unit: '', rival: null, name: 'damaged files that end otherwise', value: odd },
		0,
		'none'
	);
}

function readersOf(files: Awaited<ReturnType<typeof smallFiles>>): readonly Reader[] {
	const { teachable, picture } = files;
	const whole = (file: Bytes) => (random: Random) => mutated(file, random);
	const received = (name: string) => (bytes: Bytes) => readReceived(new Blob([bytes]), name);
	return [
		{ name: 'a project file', damaged: whole(files.project), read: readProject },
		{
			name: 'a Teachable Machine model',
			damaged: (random) => damagedInside(teachable, random),
			read: (bytes) => readTeachable(new Blob([bytes]), 'a.zip')
		},
		{ name: 'a model’s file', damaged: whole(files.model), read: received('a.onnx') },
		{ name: 'a stranger’s zip with labels', damaged: whole(files.zip), read: received('a.zip') },
		{
			name: 'a graph before it is run',
			damaged: whole(files.graph),
			read: (bytes) => checkGraph(readModel(bytes), picture)
		},
		{
			name: 'labels',
			damaged: whole(files.labels),
			read: (bytes) => readLabels(new TextDecoder().decode(bytes))
		},
		{ name: 'metadata, by the runner', damaged: whole(files.model), read: readFacts }
	];
}

/** One of its files damaged, the zip around it sound: else its checksums would find nearly all of it. */
async function damagedInside(files: Readonly<Record<string, Bytes>>, random: Random): Promise<Bytes> {
	const name = pick(Object.keys(files), random);
	const zip = await zipOf(
		{ ...files, [name]: mutated(files[name] ?? new Uint8Array(1), random) },
		{ level: 0 }
	);
	return new Uint8Array(await zip.arrayBuffer());
}

/** All that is in it. */
async function readProject(bytes: Bytes): Promise<void> {
	const file = await openProjectFile(new Blob([bytes]), 'a.zip');
	for await (const photos of file.newPhotos()) void photos;
	for (const id of file.models) await file.model(id);
	for (const id of file.runs) await file.run(id);
}

/** @returns `odd`: how many ended neither in words nor in a value */
async function judged({ damaged, read }: Reader, count: number) {
	let [refused, odd, took] = [0, 0, 0];
	for (let i = -WARM_UP; i < count; i++) {
		const bytes = await damaged(new Random(i + WARM_UP));
		if (i === 0) [refused, odd, took] = [0, 0, 0];
		const begin = performance.now();
		try {
			await read(bytes);
		} catch (cause) {
			if (cause instanceof Error && cause.name === 'Trouble') refused++;
			else odd++;
		}
		took += performance.now() - begin;
	}
	return { each: Math.round((1000 * count) / took), refused, odd };
}
