/** What the build puts in place of names (see vite.config.ts). */
declare const APP_VERSION: string;
declare const ENGINE_VERSION: string;
/** The base path, '' or '/app': what is kept is named after it, as several copies of the app may share a host. */
declare const APP_BASE: string;
declare const ENGINE_FACTS: Record<'wasm' | 'jspi' | 'asyncify', { bytes: number; sha256: string }>;

// Its own types are not reachable through its package exports.
declare module 'fake-indexeddb/auto';

/** The text of `lensmith-model.js` (scripts/build/runner.ts). */
declare module 'virtual:lensmith-model' {
	const text: string;
	export default text;
}
