import adapterStatic from '@sveltejs/adapter-static';
import { tsImport } from 'tsx/esm/api';
import { pageDirectives } from './scripts/headers.js';

const base = /** @type {'' | `/${string}`} */ ((process.env.BASE_PATH ?? '').replace(/\/+$/, ''));
if (base && !base.startsWith('/')) throw new Error(`BASE_PATH must begin with a slash, as in /app: ${base}`);

// Tests make further builds beside the one that is served.
const { BUILD_DIR: root = 'build', KIT_DIR: outDir = '.svelte-kit' } = process.env;

const site = adapterStatic({ pages: root, assets: root, fallback: '200.html' });

/** @type {import('@sveltejs/kit').Config} */
export default {
	kit: {
		adapter: {
			...site,
			async adapt(builder) {
				await site.adapt(builder);
				/** @type {typeof import('./scripts/build/finish.js')} */
				const { finish } = await tsImport('./scripts/build/finish.ts', import.meta.url);
				const limit = process.env.MAX_FILE_MIB;
				await finish({
					root,
					base,
					maxFileMiB: limit ? Number(limit) : undefined,
					log: (line) => builder.log.success(line)
				});
			}
		},
		alias: { $workers: 'workers', $models: 'models' },
		csp: { mode: 'hash', directives: pageDirectives },
		outDir,
		paths: { base },
		serviceWorker: { register: false }
	}
};
