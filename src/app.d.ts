/** What the build puts in place of names (see vite.config.ts). */
declare const APP_VERSION: string;
declare const ENGINE_VERSION: string;
declare const ENGINE_FACTS: Record<'wasm' | 'jspi' | 'asyncify', { bytes: number; sha256: string }>;

// Its own types are not reachable through its package exports.
declare module 'fake-indexeddb/auto';
