/** An engine for one backbone alone: features of another one must never be taken for its own. */
import { Trouble } from '$lib/domain/trouble';
import type { Engine } from './engine';

export type FeatureEngine = Pick<Engine, 'embed' | 'observe' | 'whenReady'>;

/**
 * @param backboneId tells which one; null while none is wanted
 * @returns an engine whose calls fail with Trouble 'backbone-other' while another backbone runs, and whose
 *   `whenReady` rejects where the engine has failed
 */
export function forBackbone(
	engine: Pick<Engine, 'embed' | 'observe' | 'status' | 'subscribe'>,
	backboneId: () => string | null
): FeatureEngine {
	const check = (source: { close(): void }) => {
		const { phase, backboneId: running } = engine.status;
		if (phase !== 'ready' || running === backboneId()) return;
		source.close();
		throw new Trouble(
			'backbone-other',
			'The network of this project does not run right now, so its photos cannot be looked at. Leave the project and open it again.'
		);
	};
	return {
		async embed(source, crop, looks) {
			check(source);
			return engine.embed(source, crop, looks);
		},
		async observe(source, crop) {
			check(source);
			return engine.observe(source, crop);
		},
		whenReady: (signal) => ready(engine, signal)
	};
}

function ready(engine: Pick<Engine, 'subscribe'>, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		let stop = () => {};
		const end = () => {
			stop();
			signal.removeEventListener('abort', gaveUp);
		};
		const gaveUp = () => {
			end();
			reject(signal.reason);
		};
		signal.addEventListener('abort', gaveUp);
		let ended = signal.aborted;
		if (ended) return gaveUp();
		stop = engine.subscribe(({ phase, trouble }) => {
			if (ended || (phase !== 'ready' && phase !== 'failed')) return;
			ended = true;
			if (phase === 'ready') resolve();
			else reject(trouble ?? new Trouble('engine-failed', 'The engine could not be started.'));
			// The first call comes before there is a way to stop.
			queueMicrotask(end);
		});
	});
}
