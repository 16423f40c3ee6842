/** Fetches big files from a hub: the only part of the app whose policy lets it reach another host. */
import type { FileFacts } from '../src/lib/domain/card';
import { serve, type CallContext } from '../src/lib/rpc/channel';
import { downloadFile, type DownloadProgress } from '../src/lib/storage/download-job';

const api = {
	download: (file: FileFacts, context: CallContext<DownloadProgress>) => downloadFile(file, context)
};
export type DownloadApi = typeof api;

serve(self, api);
