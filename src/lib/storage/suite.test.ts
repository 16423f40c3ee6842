import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';
import { suite } from './suite/suite';

suite({
	fresh: async () => void vi.stubGlobal('indexedDB', new IDBFactory()),
	lose: (database) => forceCloseDatabase(database as never), // its types want the class, not the connection
	patience: 10
});
