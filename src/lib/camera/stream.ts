/**
 * A camera's stream: what is asked of the device, and what its track is told later.
 */
import type { Facing } from './devices';
import { failed, nameOf, refusal, unplugged } from './refusals';

export interface CameraOptions {
	/** A camera of `listCameras`; another one is taken when it is gone, unless `only` says not to. */
	deviceId?: string;
	/** No other camera will do: nobody asked for another. */
	only?: boolean;
	/** Which way to look, where no `deviceId` is given. */
	facing?: Facing;
	signal?: AbortSignal;
}

/** What a track was told beside its size; `zoom` in the camera's own units. */
export interface Told {
	torch?: boolean;
	zoom?: number;
}

/** What the live loop needs, and no more: preprocessing costs what the pixels cost. */
const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

/**
 * Every call replaces all constraints of a track (Media Capture and Streams, § 4.3.8), so all are told together.
 * Chromium keeps torch and zoom in one set of their own, apart from the size, and refuses the two mixed.
 */
export async function applyAll(track: MediaStreamTrack, told: Told): Promise<void> {
	// TypeScript's DOM library does not know torch and zoom.
	const advanced = [told as MediaTrackConstraintSet];
	try {
		await track.applyConstraints({ ...size, advanced });
	} catch (cause) {
		if (nameOf(cause) !== 'OverconstrainedError') throw cause;
		await track.applyConstraints({ advanced });
	}
}

/** @throws Trouble as `openCamera` */
export async function openStream(options: CameraOptions, media: MediaDevices): Promise<MediaStream> {
	const { deviceId, facing = 'environment', only = false, signal } = options;
	signal?.throwIfAborted();
	const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: facing } };
	let stream: MediaStream;
	try {
		stream = await media.getUserMedia({ audio: false, video: { ...size, ...which } });
	} catch (cause) {
		signal?.throwIfAborted();
		const gone = deviceId !== undefined && nameOf(cause) === 'OverconstrainedError';
		if (gone && !only) return openStream({ facing, signal }, media);
		if (gone || (only && nameOf(cause) === 'NotFoundError')) throw unplugged();
		throw await refusal(cause);
	}
	if (signal?.aborted || stream.getVideoTracks().length === 0) {
		for (const track of stream.getTracks()) track.stop();
		signal?.throwIfAborted();
		throw failed('a stream without video');
	}
	return stream;
}
