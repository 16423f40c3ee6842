/** The promise, or an error when it has not settled in so many milliseconds: some engines hang without a word. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`no answer for ${ms / 1000} s`)), ms);
		promise.then(resolve, reject).finally(() => clearTimeout(timer));
	});
}
