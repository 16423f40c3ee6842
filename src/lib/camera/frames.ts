/**
 * Fresh frames of a playing video, one at a time: the next one is taken when it is asked for, so that
 * nothing queues behind a slow consumer.
 */
import { unreadable } from './refusals';

export interface FrameOptions {
	/** Ends the frames. */
	signal: AbortSignal;
	/** Frames a second, at most. */
	maxFps: number;
}

/** Frames come a little early or late; without slack a limit of 15 would give 10 of a camera's 30. */
const SLACK_MS = 4;
const MOST_FAILURES = 30;

/**
 * Frames as they are shown, upright. Browsers show none while the page is hidden, so neither do these.
 * The consumer closes every frame.
 *
 * @throws Trouble 'camera-failed' where the video gives no frames to take
 */
export async function* frames(
	video: HTMLVideoElement,
	{ signal, maxFps }: FrameOptions
): AsyncGenerator<VideoFrame | ImageBitmap, void, void> {
	let due = 0;
	let failures = 0;
	while (!signal.aborted) {
		const shown = await nextShown(video, due, signal);
		if (shown === null) return;
		due = shown + 1000 / maxFps - SLACK_MS;
		const frame = await take(video).catch((cause: unknown) => {
			if (++failures >= MOST_FAILURES) throw unreadable(cause);
			return null;
		});
		if (!frame) continue;
		if (signal.aborted) return frame.close();
		failures = 0;
		yield frame;
	}
}

/** When the next frame is shown that is not before `due` (milliseconds of `performance.now`); null at the end. */
function nextShown(video: HTMLVideoElement, due: number, signal: AbortSignal): Promise<number | null> {
	return new Promise((resolve) => {
		let giveUp = () => {};
		const ask = () => {
			giveUp = onShown(video, (now) => {
				if (now < due) return ask();
				signal.removeEventListener('abort', end);
				resolve(now);
			});
		};
		const end = () => {
			giveUp();
			resolve(null);
		};
		signal.addEventListener('abort', end, { once: true });
		ask();
	});
}

/** Calls back once, when the video shows another frame. @returns how to give up */
function onShown(video: HTMLVideoElement, shown: (now: number) => void): () => void {
	// Firefox before 132 has none.
	if (typeof video.requestVideoFrameCallback !== 'function') return onPainted(video, shown);
	const id = video.requestVideoFrameCallback(shown);
	return () => video.cancelVideoFrameCallback(id);
}

/** The screen's next picture that has a later moment of the video in it. */
function onPainted(video: HTMLVideoElement, shown: (now: number) => void): () => void {
	const before = video.currentTime;
	const look = (now: number) => {
		const fresh = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.currentTime !== before;
		if (fresh) shown(now);
		else id = requestAnimationFrame(look);
	};
	let id = requestAnimationFrame(look);
	return () => cancelAnimationFrame(id);
}

async function take(video: HTMLVideoElement): Promise<VideoFrame | ImageBitmap> {
	if (typeof VideoFrame === 'function') {
		const frame = fromVideo(video);
		if (frame && isUpright(frame, video)) return frame;
		frame?.close();
	}
	return createImageBitmap(video);
}

function fromVideo(video: HTMLVideoElement): VideoFrame | null {
	try {
		return new VideoFrame(video);
	} catch {
		// Some videos give no VideoFrame; the bitmap is the second way, and tells if there is no picture at all.
		return null;
	}
}

/** A turned phone may give frames with a rotation beside the pixels, which readers of pixels do not see. */
function isUpright(frame: VideoFrame & { rotation?: number }, video: HTMLVideoElement): boolean {
	if (frame.rotation) return false;
	const { width = 0, height = 0 } = frame.visibleRect ?? {};
	return width > height === video.videoWidth > video.videoHeight;
}
