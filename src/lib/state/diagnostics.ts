/** What helps to find out why something does not work, as text that a person may copy. No photo, no label. */
import { lastErrors, noteError } from '$lib/storage/errors';
import { storageHealth } from '$lib/storage/health';
import type { EngineState } from './engine.svelte';
import type { LookState } from './look.svelte';
import type { ReadinessState } from './readiness.svelte';
import type { SettingsState } from './settings.svelte';

interface Parts {
	engine: EngineState;
	look: LookState;
	readiness: ReadinessState;
	settings: SettingsState;
}

const yesNo = (value: boolean | undefined) => (value ? 'yes' : 'no');

/** Notes what no part of the app has caught. Call once on the page. @returns how to stop */
export function watchErrors(): () => void {
	let last = '';
	const note = (cause: unknown) => {
		// One that comes back with every frame would bury all others.
		if (String(cause) !== last) void noteError('page', cause);
		last = String(cause);
	};
	const thrown = (event: ErrorEvent) => note(event.error ?? event.message);
	const rejected = ({ reason }: PromiseRejectionEvent) => note(reason);
	addEventListener('error', thrown);
	addEventListener('unhandledrejection', rejected);
	return () => {
		removeEventListener('error', thrown);
		removeEventListener('unhandledrejection', rejected);
	};
}

/** Reads everything anew. */
export async function gatherDiagnostics({ engine, look, readiness, settings }: Parts): Promise<string> {
	await readiness.measureStorage();
	const { status } = engine;
	const { timings } = look;
	const { storage } = readiness;
	const health = storageHealth();
	const errors = await lastErrors();
	const lines = [
		`Lensmith ${APP_VERSION}`,
		`Browser: ${navigator.userAgent}`,
		`Cores: ${navigator.hardwareConcurrency}; screen ${screen.width} × ${screen.height} at ${devicePixelRatio}`,
		`Secure page: ${yesNo(isSecureContext)}; isolated: ${yesNo(status.isolated)}`,
		`Engine: ${status.phase}; ${status.backend ?? 'none'}; ONNX Runtime Web ${ENGINE_VERSION}, build ${status.binary ?? 'none'}; ${status.threads} thread(s); adapter ${status.adapter ?? 'none'}`,
		`Engine note: ${engine.note ?? 'none'}`,
		`Model: ${engine.card.id} ${engine.card.file.sha256.slice(0, 8)}`,
		...readiness.files.map(
			({ what, bytes, received, state }) => `File: ${what} ${received}/${bytes} ${state}`
		),
		timings
			? `Frame: ${timings.preprocess.toFixed(1)} + ${timings.run.toFixed(1)} + ${timings.rest.toFixed(1)} ms; ${timings.fps?.toFixed(1) ?? 'a single picture, none'} a second`
			: 'Frame: none timed yet',
		`Status: ${readiness.words}`,
		...readiness.sentences.map((sentence) => `  ${sentence}`),
		`Storage: ${storage ? `${storage.usage} of ${storage.quota} bytes; persisted ${yesNo(storage.persisted)}` : 'not told'}; saving ${yesNo(health.persistent)}`,
		`Settings: ${JSON.stringify({ ...settings.value, cameraId: settings.value.cameraId ? 'chosen' : null })}`,
		`Last errors: ${errors.length === 0 ? 'none' : ''}`,
		...errors.map(({ time, where, message }) => `  ${new Date(time).toISOString()} ${where}: ${message}`)
	];
	return lines.join('\n');
}
