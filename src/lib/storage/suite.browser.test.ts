import { page } from './suite/page';
import { suite } from './suite/suite';

suite({
	fresh: async () => (await page()).deleteDatabase(),
	lose(database) {
		database.close();
		database.dispatchEvent(new Event('close'));
	},
	patience: 1
});
