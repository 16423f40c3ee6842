/** Each rule of docs/architecture.md: one violation is caught, one import that is allowed passes. */
import { ESLint } from 'eslint';
import ts from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

// What is planted here is in no tsconfig, so the rules that need types stand aside.
const eslint = new ESLint({ overrideConfig: [ts.configs.disableTypeChecked] });

/** @returns the names of the rules that object, without those about unused names */
async function objections(filePath: string, code: string): Promise<string[]> {
	const text = filePath.endsWith('.svelte') ? `<script lang="ts">\n${code}\n</script>\n` : `${code}\n`;
	const [result] = await eslint.lintText(text, { filePath });
	const fatal = result?.messages.find((message) => message.fatal);
	if (!result || fatal) throw new Error(`${filePath} was not linted: ${fatal?.message}`);
	return result.messages
		.map((message) => message.ruleId ?? '')
		.filter((rule) => rule !== '@typescript-eslint/no-unused-vars');
}

const layers = ['lensmith/layers'];
const syntax = ['no-restricted-syntax'];

describe('imports that point outwards are caught', () => {
	it.each([
		['src/lib/domain/a.ts', "import { b } from '../storage/b';"],
		['src/lib/domain/a.ts', "export { b } from '$lib/image/b';"],
		['src/lib/image/a.ts', "import { b } from '$lib/engine/b';"],
		['src/lib/onnx/a.ts', "import { b } from '../image/b';"],
		['src/lib/rpc/a.ts', "import type { b } from '../domain/b';"],
		['src/lib/camera/a.ts', "import { b } from '../storage/b';"],
		['src/lib/storage/a.ts', "export * from '../files/b';"],
		['src/lib/files/a.ts', "import { b } from '../storage/b';"],
		['src/lib/files/a.ts', "import { b } from '../rpc/b';"],
		['src/lib/files/a.ts', "import { b } from '../camera/b';"],
		['src/lib/image/a.ts', "import { b } from '../files/b';"],
		['src/lib/engine/a.ts', "import { b } from '../files/b';"],
		['src/lib/engine/a.ts', "import { b } from '../rpc/b';"],
		['src/lib/runner/a.ts', "import { b } from '../engine/b';"],
		['src/lib/runner/a.ts', "import { b } from '../onnx/b';"],
		['src/lib/runner/a.ts', "import type * as Ort from 'onnxruntime-web';"],
		['src/lib/files/a.ts', "import { b } from '../runner/b';"],
		['src/lib/services/a.ts', "import { b } from '../runner/b';"],
		['src/lib/state/a.svelte.ts', "const b = await import('$lib/runner');"],
		['src/lib/components/A.svelte', "import { b } from '$lib/runner/b';"],
		['src/lib/services/a.ts', "import { b } from '../state/b.svelte';"],
		['src/lib/services/a.ts', "const b = await import('$lib/engine/b');"],
		['src/lib/services/a.ts', "import { b } from '$workers/inference.worker';"],
		['src/lib/services/a.ts', "type B = import('$lib/engine/b').B;"],
		['src/lib/state/a.svelte.ts', "import B from '../components/B.svelte';"],
		['src/lib/state/a.svelte.ts', "import type { b } from '$workers/inference.worker';"],
		['src/lib/components/A.svelte', "import { b } from '$lib/services/b';"],
		['src/lib/components/look/A.svelte', "import { b } from '../../storage/b';"],
		['src/routes/+page.svelte', "import { b } from '$lib/services/b';"],
		['src/routes/+page.svelte', "import { b } from '../lib/engine/b';"],
		['workers/inference.worker.ts', "import { b } from '../src/lib/storage/b';"],
		['workers/photo.worker.ts', "import { b } from '../src/lib/storage/photos';"],
		['workers/photo.worker.ts', "import { b } from '../src/lib/camera/b';"],
		['workers/photo.worker.ts', "import { b } from '../src/lib/services/b';"],
		['workers/training.worker.ts', "import { b } from '$lib/storage/settings';"],
		['workers/training.worker.ts', "import { b } from '../src/lib/storage/trainings';"],
		['workers/inference.worker.ts', "import { b } from '../src/lib/storage/training';"],
		['src/lib/engine/a.ts', "import { b } from '../storage/training';"],
		['workers/inference.worker.ts', "import { b } from '$lib/state/b.svelte';"],
		['models/catalog.ts', "import { b } from '../src/lib/storage/b';"],
		['src/service-worker.ts', "import { b } from '$lib/domain/b';"],
		['src/service-worker.ts', "import { b } from './lib/storage/verified';"],
		['src/lib/services/a.ts', "import { b } from '../../../scripts/server';"],
		['src/lib/services/a.ts', "import { b } from '../../../models/build/main';"],
		['src/lib/helpers/a.ts', "import { b } from '../domain/b';"],
		['src/lib/a.ts', "import 'onnxruntime-web';"],
		['src/hooks.client.ts', "import { b } from '$lib/engine/b';"],
		['src/lib/domain/a.ts', "import { b } from '/src/lib/engine/b';"],
		['src/lib/domain/a.ts', 'const b = await import(`$lib/engine/b`);']
	])('%s: %s', async (file, code) => {
		expect(await objections(file, code)).toEqual(layers);
	});
});

describe('imports that point inwards pass', () => {
	it.each([
		['src/lib/domain/a.ts', "import { b } from './b';"],
		['src/lib/image/a.ts', "import { b } from '../domain/b';"],
		['src/lib/onnx/a.ts', "import { b } from '../domain/b';"],
		['src/lib/camera/a.ts', "import { b } from '$lib/domain/b';"],
		['src/lib/storage/a.ts', "import { b } from '$lib/domain/b';"],
		['src/lib/files/a.ts', "import { b } from '../onnx/b';"],
		['src/lib/files/a.ts', "import { b } from '../image/b';"],
		['src/lib/engine/a.ts', "import { b } from '../image/b';"],
		['src/lib/runner/a.ts', "import { b } from '../image/b';"],
		['src/lib/runner/a.ts', "import { b } from '../domain/b';"],
		['src/lib/state/a.svelte.ts', "const b = await import('virtual:lensmith-model');"],
		['src/lib/services/a.ts', "import type { Api } from '$workers/inference.worker';"],
		['src/lib/services/a.ts', "import { b } from '$models/catalog';"],
		['src/lib/services/a.ts', "const b = await import('../storage/b');"],
		['src/lib/state/a.svelte.ts', "import { b } from '../services/b';"],
		['src/lib/components/A.svelte', "import { b } from '$lib/state/b.svelte';"],
		['src/routes/+page.svelte', "import B from '$lib/components/B.svelte';"],
		['src/routes/+layout.svelte', "import '../app.css';"],
		['workers/inference.worker.ts', "import { b } from '../src/lib/engine/b';"],
		['workers/photo.worker.ts', "import { b } from '../src/lib/files/b';"],
		['workers/photo.worker.ts', "import { b } from '../src/lib/image/b';"],
		['workers/download.worker.ts', "import { b } from '../src/lib/storage/downloads';"],
		['workers/training.worker.ts', "import { b } from '../src/lib/storage/training';"],
		['models/catalog.ts', "import type { b } from '../src/lib/domain/b';"],
		['src/service-worker.ts', "import { b } from '../scripts/headers.js';"],
		['src/service-worker.ts', "import { b } from './lib/storage/renewal';"],
		['src/lib/services/a.browser.test.ts', "import { b } from '../engine/b';"],
		['tests/e2e/a.spec.ts', "import { b } from '../../src/lib/engine/b';"],
		['models/build/a.ts', "import { b } from '../../src/lib/onnx/b';"]
	])('%s: %s', async (file, code) => {
		expect(await objections(file, code)).toEqual([]);
	});
});

describe('packages stay where they belong', () => {
	it.each([
		['src/lib/services/a.ts', 'onnxruntime-web', 'src/lib/engine/a.ts'],
		['src/lib/services/a.ts', 'onnxruntime-web/wasm', 'src/lib/engine/a.ts'],
		['workers/training.worker.ts', '@tensorflow/tfjs-core', 'src/lib/engine/a.ts'],
		['src/lib/services/a.ts', 'idb', 'src/lib/storage/a.ts'],
		['src/lib/services/a.ts', 'svelte', 'src/lib/state/a.svelte.ts'],
		['src/lib/storage/a.ts', '$app/paths', 'src/routes/+page.svelte'],
		['workers/inference.worker.ts', 'svelte/reactivity', 'src/lib/components/A.svelte'],
		['src/lib/storage/a.ts', 'node:fs', 'models/build/a.ts']
	])('%s may not import %s, %s may', async (refused, name, allowed) => {
		expect(await objections(refused, `import { b } from '${name}';`)).toEqual(layers);
		expect(await objections(refused, `const b = await import('${name}');`)).toEqual(layers);
		expect(await objections(allowed, `import { b } from '${name}';`)).toEqual([]);
	});
});

describe('what comes in from outside', () => {
	it.each([
		'Date.now();',
		'new Date();',
		'performance.now();',
		'Math.random();',
		'crypto.randomUUID();',
		'crypto.getRandomValues(new Uint8Array(4));'
	])('%s is no business of domain, but of services', async (code) => {
		expect(await objections('src/lib/domain/a.ts', `export const b = ${code}`)).toEqual(syntax);
		expect(await objections('src/lib/services/a.ts', `export const b = ${code}`)).toEqual([]);
	});

	it.each(['fetch', 'document', 'window', 'navigator', 'indexedDB', 'caches'])(
		'domain knows no %s',
		async (name) => {
			expect(await objections('src/lib/domain/a.ts', `export const b = ${name};`)).toEqual([
				'no-restricted-globals'
			]);
			expect(await objections('src/lib/services/a.ts', `export const b = ${name};`)).toEqual([]);
		}
	);

	it('only camera uses MediaDevices', async () => {
		const code = 'export const b = navigator.mediaDevices;';
		expect(await objections('src/lib/services/a.ts', code)).toEqual(syntax);
		expect(await objections('src/lib/components/A.svelte', code.replace('export ', ''))).toEqual(syntax);
		expect(await objections('src/lib/camera/a.ts', code)).toEqual([]);
	});
});
