/** Whose work the app carries, beside the weights and pictures that name their own. */
export const libraries: readonly { name: string; by: string; licence: string }[] = [
	{ name: 'ONNX Runtime Web', by: 'Microsoft', licence: 'MIT' },
	{ name: 'TensorFlow.js', by: 'Google', licence: 'Apache-2.0' },
	{ name: 'Svelte and SvelteKit', by: 'Svelte contributors', licence: 'MIT' },
	{ name: 'Bits UI', by: 'Hunter Johnston and contributors', licence: 'MIT' },
	{ name: 'Lucide icons', by: 'Lucide contributors', licence: 'ISC' },
	{ name: 'Workbox', by: 'Google', licence: 'MIT' },
	{ name: 'Protobuf-ES', by: 'Buf', licence: 'Apache-2.0' },
	{ name: 'D3 (scales and shapes)', by: 'Mike Bostock', licence: 'ISC' },
	{ name: 'idb', by: 'Jake Archibald', licence: 'ISC' },
	{ name: 'image-size', by: 'Aditya Yadav', licence: 'MIT' },
	{ name: 'zip.js', by: 'Gildas Lormeau', licence: 'BSD-3-Clause' },
	{ name: 'Papa Parse', by: 'Matthew Holt', licence: 'MIT' },
	{ name: 'Valibot', by: 'Fabian Hiller', licence: 'MIT' }
];
