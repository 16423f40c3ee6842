/** Makes files of models, and reads those of others. The work is in `files/model-file` and `files/received`. */
import { writeModelFile, type ModelFileInput } from '../src/lib/files/model-file';
import { readReceived } from '../src/lib/files/received/read-model';
import { settleReceived } from '../src/lib/files/received/settle';
import type { Answers, Received } from '../src/lib/domain/received';
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
	/** As it is kept, once the graph is found fit to run. */
	async settle(input: { received: Received; answers: Answers }) {
		const settled = await settleReceived(input);
		return new Transferred(settled, [settled.onnx.buffer]);
	}
};
export type ShareApi = typeof api;

serve(self, api);
