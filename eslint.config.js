import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { layers } from './scripts/eslint/layers.js';

const typed = {
	parserOptions: {
		project: [
			'./tsconfig.json',
			'./workers/tsconfig.json',
			'./scripts/tsconfig.json',
			'./tests/tsconfig.json'
		],
		extraFileExtensions: ['.svelte']
	}
};

const clock = 'The time comes in as an argument.';
const chance = 'Every random choice has a seed, and comes in as an argument.';
const cameraOnly = {
	selector: "MemberExpression[property.name='mediaDevices']",
	message: 'Only src/lib/camera uses MediaDevices.'
};
const givenFromOutside = [
	{ selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: clock },
	{ selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
	{ selector: "MemberExpression[object.name='performance'][property.name='now']", message: clock },
	{ selector: "MemberExpression[object.name='Math'][property.name='random']", message: chance },
	{ selector: 'MemberExpression[property.name=/^(getRandomValues|randomUUID)$/]', message: chance }
];
const noBrowser = ['window', 'document', 'navigator', 'self', 'indexedDB', 'caches', 'fetch'].map((name) => ({
	name,
	message: 'domain, image and onnx are pure: it comes in as an argument.'
}));
const tests = '**/*.test.ts';

export default ts.config(
	{
		ignores: [
			'build/',
			'.svelte-kit/',
			'coverage/',
			'static/',
			'tests/results/',
			'src/lib/onnx/onnx_pb.ts' // generated
		]
	},
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
	...ts.configs.strict,
	...svelte.configs.recommended,
	prettier,
	...svelte.configs.prettier,
	{
		languageOptions: { globals: { ...globals.browser }, ...typed },
		plugins: { lensmith: { rules: { layers } } },
		rules: {
			'lensmith/layers': 'error',
			'no-console': 'error',
			'no-undef': 'off', // TypeScript knows better
			'no-restricted-syntax': ['error', cameraOnly],
			'svelte/prefer-svelte-reactivity': 'off', // sets are replaced whole, as $state.raw
			'@typescript-eslint/await-thenable': 'error',
			'@typescript-eslint/consistent-type-imports': [
				'error',
				{ fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }
			],
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
			'@typescript-eslint/no-unnecessary-type-assertion': 'error',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
			'@typescript-eslint/only-throw-error': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': 'error'
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser } }
	},
	{
		files: ['src/lib/camera/**'],
		rules: { 'no-restricted-syntax': 'off' }
	},
	{
		files: ['src/lib/{domain,image,onnx}/**'],
		ignores: [tests],
		rules: {
			'no-restricted-syntax': ['error', cameraOnly, ...givenFromOutside],
			'no-restricted-globals': ['error', ...noBrowser]
		}
	},
	{
		files: ['src/lib/components/**'],
		rules: { 'svelte/no-navigation-without-resolve': 'off' } // they are given addresses
	},
	{
		files: ['scripts/**', 'models/build/**', 'tests/bench/**'],
		rules: { 'no-console': 'off' }
	},
	{
		files: [tests, 'tests/**'],
		rules: {
			'no-restricted-syntax': 'off',
			'@typescript-eslint/no-non-null-assertion': 'off',
			'@typescript-eslint/only-throw-error': 'off' // they throw what others might
		}
	}
);
