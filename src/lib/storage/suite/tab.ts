/**
 * Another tab of a real browser: a frame, with modules, a connection and locks of its own. What its functions
 * give is copied, so that it is of this page's kinds.
 */

type Functions = Record<string, (...parameters: never[]) => unknown>;

/**
 * @param paths of its modules from src/lib, as 'storage/edits.ts'
 * @param globals of its own
 * @returns all that the modules export
 */
export async function tab<T extends object>(
	paths: readonly string[],
	globals: object = {}
): Promise<T & { close(): void }> {
	// Vite would take "new URL" with "import.meta.url" for an asset.
	const base = import.meta.url;
	const frame = document.createElement('iframe');
	document.body.append(frame);
	const inside = frame.contentWindow;
	if (!inside) throw new Error('The frame has no window.');
	Object.assign(inside, { APP_BASE, ...globals });
	const modules = await new Promise<Functions[]>((resolve, reject) => {
		Object.assign(inside, { resolve, reject });
		const script = inside.document.createElement('script');
		const addresses = paths.map((path) => new URL(`../../${path}`, base).href);
		script.textContent = `Promise.all(${JSON.stringify(addresses)}.map((one) => import(one))).then(resolve, reject)`;
		inside.document.body.append(script);
	});
	const functions = modules.flatMap((module) => Object.entries(module));
	const copied = functions.map(([name, run]) => [name, (...given: never[]) => copy(run(...given))] as const);
	// What is loaded by its address has no type but the one it is asked for.
	return Object.assign(Object.fromEntries(copied), { close: () => frame.remove() }) as T & { close(): void };
}

function copy(result: unknown): unknown {
	if (typeof result === 'function') return result;
	if (!isPromise(result)) return structuredClone(result);
	return Promise.resolve(result).then(structuredClone);
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
	typeof value === 'object' && value !== null && 'then' in value;
