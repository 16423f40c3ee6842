import 'fake-indexeddb/auto';
import { afterEach, expect, test } from 'vitest';
import type { NewPhoto, Project } from '$lib/domain/project';
import { deleteDatabase } from '$lib/storage/database';
import { addPhotos } from '$lib/storage/photos';
import { addProject, listProjects } from '$lib/storage/projects';
import { defaultBackbone } from './choice.svelte';
import { Projects } from './projects.svelte';
import { SettingsState } from './settings.svelte';

afterEach(() => deleteDatabase());

const project: Project = {
	...{ id: 'p', name: 'Plants', created: 1, changed: 1, backboneId: 'b', crop: 'centre' },
	...{ views: [], modelId: null, trashed: null },
	labels: [{ id: 'x', name: 'x', colour: 0, off: false, trashed: null }]
};
const photos = Array.from({ length: 100 }, (_, i): NewPhoto => {
	const picture = { bytes: new ArrayBuffer(4), type: 'image/png' };
	return {
		photo: {
			...{ id: `photo ${i}`, projectId: 'p', labelId: 'x', burstId: String(i), added: 2 + i },
			...{ source: 'file', name: '', width: 4, height: 3, bytes: 4, sha256: String(i) },
			...{ hash: '0'.repeat(16), split: null, trashed: null }
		},
		...{ picture, thumbnail: picture }
	};
});

test('a copy that is being made is ended, and nothing of it is written after that', async () => {
	await addProject(project);
	await addPhotos(photos);
	const projects = new Projects({ card: defaultBackbone }, new SettingsState());
	const copying = projects.duplicate(project);
	await projects.stop();
	expect(await listProjects()).toHaveLength(1);
	expect(await copying).toBeNull();
	expect(projects.trouble).toBeNull();
	// Another may be made later, where the erasing failed.
	expect(await projects.duplicate(project)).not.toBeNull();
	expect((await listProjects()).map(({ name }) => name)).toContain('Plants (copy)');
});
