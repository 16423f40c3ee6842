import { afterEach, expect, test, vi } from 'vitest';
import { newId } from './new-id';

afterEach(() => vi.unstubAllGlobals());

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test.each(['with', 'without'])('ids are UUIDs, no two alike, %s the browser’s own', (way) => {
	if (way === 'without')
		vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto), randomUUID: undefined });
	const ids = Array.from({ length: 100 }, newId);
	expect(new Set(ids).size).toBe(100);
	for (const id of ids) expect(id).toMatch(uuid);
});
