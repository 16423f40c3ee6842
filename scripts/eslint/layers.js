// Who may import whom: the table of docs/architecture.md, as an ESLint rule.
// It looks at static and dynamic imports, re-exports and type imports, relative or by alias.
import { dirname, relative, resolve, sep } from 'node:path';

/** @typedef {import('eslint').Rule.RuleModule} RuleModule */

const pure = ['domain', 'image', 'onnx', 'catalog'];
const everythingStored = ['storage', 'camera', 'files'];

/**
 * What each layer may import besides itself.
 * @type {Record<string, readonly string[]>}
 */
const table = {
	domain: [],
	onnx: ['domain'],
	image: ['domain'],
	rpc: [],
	camera: ['domain'],
	storage: ['domain'],
	files: ['onnx', 'image', 'domain'],
	engine: ['onnx', 'image', 'domain'],
	runner: ['image', 'domain'],
	catalog: ['domain'],
	services: [...everythingStored, 'rpc', ...pure],
	state: ['services', ...everythingStored, ...pure],
	components: ['state', ...pure],
	routes: ['components', 'state', ...pure],
	workers: ['rpc', 'engine', 'files', 'image', 'domain'],
	'service-worker': ['headers']
};

/** What only some layers may import from packages. */
const packages = [
	{ names: /^(onnxruntime-web|@tensorflow)(\/|$)/, layers: ['engine'], why: 'Engines live behind workers.' },
	{ names: /^idb(\/|$)/, layers: ['storage'], why: 'Only storage opens the database.' },
	{
		names: /^(svelte|\$app|bits-ui|@lucide\/svelte)(\/|$)/,
		layers: ['state', 'components', 'routes'],
		why: 'Svelte stops at src/lib/state.'
	},
	{ names: /^node:/, layers: [], why: 'The app runs in a browser.' }
];

/** Files of a layer that one worker may use: checkpoints, downloads and renewals are written where they are made. */
const exceptions = [
	{ from: /^workers\/download\.worker\.ts$/, to: /^src\/lib\/storage\// },
	{ from: /^src\/service-worker\.ts$/, to: /^src\/lib\/(storage\/renewal|domain\/card)$/ },
	{ from: /^workers\/training\.worker\.ts$/, to: /^src\/lib\/storage\/training$/ }
];

/** @type {Record<string, string>} */
const aliases = { $lib: 'src/lib', $models: 'models', $workers: 'workers' };

/**
 * The layer that a file belongs to.
 * @param {string} path from the root of the project, with forward slashes
 * @returns {string | null} null for tools and tests, which may import what they need; '' for what has no place
 */
function layerOf(path) {
	if (/\.test\.[jt]s$/.test(path) || path.startsWith('tests/')) return null;
	if (path.startsWith('scripts/headers')) return 'headers';
	if (path.startsWith('src/service-worker')) return 'service-worker';
	if (path.startsWith('src/routes/') || path === 'src/app.css') return 'routes';
	if (path.startsWith('workers/')) return 'workers';
	if (path.startsWith('models/') && !path.startsWith('models/build/')) return 'catalog';
	const [, folder] = /^src\/lib\/([^/]+)\//.exec(path) ?? [];
	return folder ?? (path.startsWith('src/') ? '' : null);
}

/**
 * @param {string} source as written in the import
 * @param {string} file that imports, from the root of the project
 * @returns {string | null} the imported file from the root, null for a package
 */
function target(source, file) {
	const [clean = ''] = source.split('?');
	if (clean.startsWith('/')) return clean.slice(1); // Vite's name for the root of the project
	if (clean.startsWith('.'))
		return relative('.', resolve(dirname(file), clean))
			.split(sep)
			.join('/');
	const [first = '', ...rest] = clean.split('/');
	const folder = aliases[first];
	return folder === undefined ? null : [folder, ...rest].join('/');
}

/**
 * Why `file` may not import `source`.
 * @param {string} file from the root of the project
 * @param {string} source as written in the import
 * @param {boolean} typeOnly an `import type`
 * @returns {string | null} null where it may
 */
function objection(file, source, typeOnly) {
	const from = layerOf(file);
	if (from === null || from === 'headers') return null;
	const allowed = table[from];
	if (!allowed) return `${dirname(file)} is not a layer of docs/architecture.md.`;
	const to = target(source, file);
	if (to === null) {
		const rule = packages.find(({ names, layers }) => names.test(source) && !layers.includes(from));
		return rule ? rule.why : null;
	}
	const layer = layerOf(to);
	if (layer === null) return `The app imports nothing of ${to.split('/')[0]}/.`;
	if (layer === from || allowed.includes(layer)) return null;
	if (exceptions.some((one) => one.from.test(file) && one.to.test(to))) return null;
	if (from === 'services' && layer === 'workers')
		return typeOnly ? null : 'Services import a worker’s API with “import type” only.';
	return `${from} may not import ${layer}; see docs/architecture.md.`;
}

/** @type {RuleModule} */
export const layers = {
	meta: { type: 'problem', schema: [], messages: { no: '{{ why }}' } },
	create(context) {
		const file = relative(context.cwd, context.filename).split(sep).join('/');
		/**
		 * @param {any} source -- an expression
		 * @returns {unknown} what is imported, where it stands there as it is
		 */
		const written = (source) => {
			if (source.type === 'TemplateLiteral' && source.expressions.length === 0)
				return source.quasis[0]?.value.cooked;
			return source.type === 'Literal' ? source.value : undefined;
		};
		/**
		 * @param {import('eslint').Rule.Node} node
		 * @param {unknown} source
		 * @param {boolean} typeOnly
		 */
		const check = (node, source, typeOnly) => {
			if (typeof source !== 'string') return;
			const why = objection(file, source, typeOnly);
			if (why) context.report({ node, messageId: 'no', data: { why } });
		};
		/** @param {any} node -- the kinds that TypeScript adds are not in ESLint's types */
		const declared = (node) =>
			check(node, node.source?.value, node.importKind === 'type' || node.exportKind === 'type');
		return {
			ImportDeclaration: declared,
			ExportNamedDeclaration: declared,
			ExportAllDeclaration: declared,
			ImportExpression: (node) => check(node, written(node.source), false),
			/** @param {any} node -- as above */
			TSImportType: (node) => check(node, node.source?.value ?? node.argument?.literal?.value, true)
		};
	}
};
