/** Makes files of models: graphs are put together and made smaller. The work is in `files/model-file`. */
import { writeModelFile, type ModelFileInput } from '../src/lib/files/model-file';
import { serve, Transferred } from '../src/lib/rpc/channel';

const api = {
	async write(input: ModelFileInput) {
		const file = writeModelFile(input);
		return new Transferred(file, [file.bytes.buffer]);
	}
};
export type ShareApi = typeof api;

serve(self, api);
