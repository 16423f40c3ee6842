/**
 * Why there is no camera picture, in words with the way out.
 */
import { Trouble } from '$lib/domain/trouble';

const photosWork = 'Photos from files still work.';
const words = {
	insecure: `The camera works only on a secure page (https). Open Lensmith by its https address. ${photosWork}`,
	policy: `This page is shown inside another one, or by a server, that forbids the camera. Open Lensmith in its own tab. ${photosWork}`,
	blocked: `The camera is blocked for this page. Allow it in the browser's site settings (the icon beside the address), then try again. ${photosWork}`,
	system: `The system does not let this browser use the camera. Allow it in the device's privacy settings, then try again. ${photosWork}`,
	dismissed: `The camera was not allowed. Try again and choose “Allow”. ${photosWork}`,
	missing: `No camera was found. Connect one and try again. ${photosWork}`,
	busy: `The camera is in use by another app or tab, or it does not start. Close the other one and try again. ${photosWork}`,
	unplugged: `The camera stopped: it was unplugged, or another app took it. Connect it and try again. ${photosWork}`,
	failed: `The camera could not be started. Try again, or choose another camera. ${photosWork}`,
	unreadable: 'The camera sends no pictures that can be read. Photos still work.',
	torch: 'The camera did not switch its torch. Try again, or start the camera anew.',
	zoom: 'The camera did not take this zoom. Try again, or start the camera anew.'
};

export const insecure = () => new Trouble('camera-insecure', words.insecure);
export const unplugged = () => new Trouble('camera-unplugged', words.unplugged);
export const failed = (cause: unknown) => new Trouble('camera-failed', words.failed, { cause });
/** The video plays, and its frames cannot be had. */
export const unreadable = (cause?: unknown) => new Trouble('camera-failed', words.unreadable, { cause });
/** The running camera keeps to what it did before. */
export const untaken = (what: 'torch' | 'zoom', cause: unknown) =>
	new Trouble('camera-failed', words[what], { cause });

/** What a refused getUserMedia means (names: Media Capture and Streams, § 10.2). */
export async function refusal(cause: unknown): Promise<Trouble> {
	switch (nameOf(cause)) {
		case 'NotAllowedError':
			return new Trouble('camera-denied', await wordsOfDenial(String(cause)), { cause });
		case 'SecurityError':
			return new Trouble('camera-denied', words.policy, { cause });
		case 'NotFoundError':
		case 'OverconstrainedError':
			return new Trouble('camera-missing', words.missing, { cause });
		case 'NotReadableError':
		case 'AbortError':
			return new Trouble('camera-busy', words.busy, { cause });
		default:
			return failed(cause);
	}
}

/** Denied by a policy, by the system, for good, or just now: each has another way out. */
async function wordsOfDenial(message: string): Promise<string> {
	if (!allowedByPolicy()) return words.policy;
	if (/system/i.test(message)) return words.system;
	return (await permission()) === 'denied' ? words.blocked : words.dismissed;
}

function allowedByPolicy(): boolean {
	// Chromium only, and not in TypeScript's DOM library.
	const { featurePolicy } = globalThis.document as Document & {
		featurePolicy?: { allowsFeature(name: string): boolean };
	};
	return featurePolicy?.allowsFeature('camera') ?? true;
}

async function permission(): Promise<PermissionState | 'unknown'> {
	try {
		return (await navigator.permissions.query({ name: 'camera' })).state;
	} catch {
		return 'unknown';
	}
}

/** OverconstrainedError is not an Error in every browser. */
export function nameOf(cause: unknown): string {
	return typeof cause === 'object' && cause && 'name' in cause ? String(cause.name) : '';
}
