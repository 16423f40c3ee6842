/** Makes photos of picture files and frames. The work is in `files/photo`. */
import { makePhoto } from '../src/lib/files/photo';
import { serve, Transferred } from '../src/lib/rpc/channel';

const api = {
	/** Frames are transferred and closed. */
	async make({ source, name }: { source: Blob | ImageBitmap | VideoFrame; name: string }) {
		const made = await makePhoto(source, name);
		return new Transferred(made, [made.picture.bytes, made.thumbnail.bytes]);
	}
};
export type PhotoApi = typeof api;

serve(self, api);
