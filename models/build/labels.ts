/** Readable, unique names for ImageNet's 1,000 classes. */
import vm from 'node:vm';

/** First synonyms that two classes share, or that a person would take for something else. */
const readable: Record<number, string> = {
	21: 'kite (bird of prey)',
	134: 'crane (bird)',
	242: 'boxer (dog)',
	260: 'chow chow',
	263: 'Pembroke Welsh corgi',
	264: 'Cardigan Welsh corgi',
	321: 'admiral butterfly',
	322: 'ringlet butterfly',
	323: 'monarch butterfly',
	332: 'Angora rabbit',
	339: 'chestnut horse',
	517: 'crane (machine)',
	638: 'one-piece swimsuit',
	639: 'tank suit',
	673: 'computer mouse'
};

/**
 * @param source text of imagenet_classes.js
 * @returns the first synonym of each class in order, made distinct
 * @throws Error when there are not 1,000 distinct names
 */
export function classNames(source: string): string[] {
	const exports: { IMAGENET_CLASSES?: Record<number, string> } = {};
	vm.runInNewContext(source, { exports }, { timeout: 1000 });
	const names = Object.entries(exports.IMAGENET_CLASSES ?? {}).map(
		([index, synonyms]) => readable[Number(index)] ?? synonyms.split(',')[0]?.trim() ?? ''
	);
	const distinct = new Set(names.map((name) => name.toLowerCase()));
	if (names.length !== 1000 || distinct.size !== 1000 || distinct.has('')) {
		throw new Error(
			`The list of classes gives ${distinct.size} distinct names of ${names.length}, not 1,000.`
		);
	}
	return names;
}
