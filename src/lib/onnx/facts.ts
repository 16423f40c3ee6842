/** What an ONNX file tells of itself beside its graph. */
import type { Model } from './model';

/** Of a value; the names of ImageNet-21k have 0.6 MB. */
const LONGEST = 2 ** 21;

/** What is told more than once is taken as it was told last. */
export function metadataOf({ metadataProps }: Model): ReadonlyMap<string, string> {
	const short = metadataProps.filter(({ key, value }) => key.length <= 200 && value.length <= LONGEST);
	return new Map(short.map(({ key, value }) => [key, value]));
}

/** Names that the graph itself gives to its scores (ZipMap's); null where it gives none. */
export function namesInGraph({ graph }: Model): string[] | null {
	const maps = graph.node.filter(({ opType }) => opType === 'ZipMap');
	const strings = maps
		.flatMap(({ attribute }) => attribute)
		.find(({ name }) => name === 'classlabels_strings')?.strings;
	if (!strings?.length) return null;
	const decoder = new TextDecoder();
	return strings.map((bytes) => decoder.decode(bytes));
}

/** Adds to what the file tells of itself, in place of what it said under the same keys. */
export function setMetadata(model: Model, entries: Readonly<Record<string, string>>): void {
	const others = model.metadataProps.filter(({ key }) => !Object.hasOwn(entries, key));
	const made = Object.entries(entries).map(([key, value]) => ({
		$typeName: 'onnx.StringStringEntryProto' as const,
		key,
		value
	}));
	model.metadataProps = [...others, ...made];
}
