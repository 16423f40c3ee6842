/** Makes files of models, and reads those of others. The work is in `files/model-file` and `files/received`. */
import { writeModelFile, type ModelFileInput } from '../src/lib/files/model-file';
import { checkReceived, type CheckInput } from '../src/lib/files/received/check';
import { readReceived } from '../src/lib/files/received/read-model';
import { serve, Transferred } from '../src/lib/rpc/channel';

const api = {
	async write(input: ModelFileInput) {
		const file = writeModelFile(input);
		return new Transferred(file, [file.bytes.buffer]);
	},
	async read({ file, name }: { file: Blob; name: string }) {
		const received = await readReceived(file, name);
		return new Transferred(received, [received.onnx.buffer]);
	},
	/** Whether the graph may run, and what it answers with. */
	async check(input: CheckInput) {
		return checkReceived(input);
	}
};
export type ShareApi = typeof api;

serve(self, api);
