import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Edit, Label, Project } from '$lib/domain/project';
import { VIEWS } from '$lib/domain/view';
import {
	cut,
	dump,
	label,
	loseConnection,
	onRequests,
	page,
	photo,
	photos,
	project,
	type Page,
	type Place
} from './page';

const edit = (project: Edit['project'], photos: Edit['photos'] = []): Edit => ({
	projectId: 'p',
	project,
	photos
});

async function withPhotos(): Promise<Page> {
	const here = await page();
	await here.addProject(project());
	await here.addPhotos([...photos(1, 3), photo(4, { labelId: 'y' }), photo(5, { trashed: 2600 })]);
	return here;
}

const outdated = { name: 'Trouble', code: 'edit-outdated' };

export function editing(place: Place): void {
	test('an edit changes its fields and no others, and its inverse takes it back', async () => {
		const here = await withPhotos();
		const before = await dump(here);
		const change = edit({ name: 'Birds' }, [
			{ id: 'p-00001', change: { labelId: 'y' } },
			{ id: 'p-00005', change: { trashed: null } },
			{ id: 'p-00001', change: { split: 'test' } }
		]);
		const undo = await here.applyEdit(change, 5000);
		expect(await here.readProject('p')).toEqual(project('p', { name: 'Birds', changed: 5000 }));
		const [one, , , , five] = await here.listPhotos('p');
		expect(one).toEqual({ ...photo(1).photo, labelId: 'y', split: 'test' });
		expect(five).toEqual(photo(5).photo);
		const redo = await here.applyEdit(undo, 6000);
		expect(await dump(here)).toEqual(before);
		await here.applyEdit(redo, 7000);
		expect(await here.readProject('p')).toMatchObject({ name: 'Birds', changed: 5000 });
	});

	test('a label that was said to be right is so for good, in a copy too, until that is taken back', async () => {
		const here = await withPhotos();
		const undo = await here.applyEdit(edit({}, [{ id: 'p-00001', change: { confirmed: 'x' } }]), 5000);
		const next = await page();
		expect((await next.listPhotos('p'))[0]).toEqual({ ...photo(1).photo, confirmed: 'x' });
		let count = 0;
		const copy = { id: 'copy', name: 'Copy', now: 5500, newId: () => `new ${++count}` };
		await next.duplicateProject('p', copy);
		expect((await next.listPhotos('copy'))[0]).toMatchObject({ labelId: 'x', confirmed: 'x' });
		// Another tab moves it meanwhile: both are kept.
		await next.applyEdit(edit({}, [{ id: 'p-00001', change: { labelId: 'y' } }]), 5700);
		await next.applyEdit(edit({}, [{ id: 'p-00001', change: { labelId: 'x' } }]), 5800);
		expect((await here.listPhotos('p'))[0]).toMatchObject({ labelId: 'x', confirmed: 'x' });
		const redo = await here.applyEdit(undo, 6000);
		expect((await here.listPhotos('p'))[0]).toEqual(photo(1).photo);
		await here.applyEdit(redo, 7000);
		expect((await here.listPhotos('p'))[0]).toMatchObject({ confirmed: 'x' });
		await here.applyEdit(edit({}, [{ id: 'p-00001', change: { confirmed: null } }]), 8000);
		expect((await next.listPhotos('p'))[0]).toEqual(photo(1).photo);
	});

	test('an edit of what is gone is refused as a whole', async () => {
		const here = await withPhotos();
		await here.addProject(project('q'));
		await here.addPhotos([photo(9, { projectId: 'q' })]);
		const before = await dump(here);
		const refused = [
			{ ...edit({ name: 'x' }), projectId: 'nobody' },
			edit({ name: 'x' }, [{ id: 'nobody', change: { trashed: 1 } }]),
			edit({ name: 'x' }, [{ id: 'q-00009', change: { trashed: 1 } }]),
			edit({ name: 'x' }, [{ id: 'p-00001', change: { labelId: 'nobody' } }]),
			edit({ labels: [label('x')] }),
			edit({ labels: [label('x')] }, [{ id: 'p-00001', change: { labelId: 'y' } }])
		];
		for (const one of refused) await expect(here.applyEdit(one, 5000)).rejects.toMatchObject(outdated);
		expect(await dump(here)).toEqual(before);
		await here.applyEdit(edit({ labels: [label('x')] }, [{ id: 'p-00004', change: { labelId: 'x' } }]), 5000);
		expect((await here.readProject('p'))?.labels).toEqual([label('x')]);
	});

	test('any edits, undone in reverse, give back the same rows byte for byte', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(anyChange, { minLength: 1, maxLength: 12 }), async (changes) => {
				await place.fresh();
				const here = await withPhotos();
				const history: { before: string[]; undo: Edit }[] = [];
				for (const [index, change] of changes.entries()) {
					const before = await dump(here);
					const current = (await here.readProject('p')) ?? project();
					const undo = await here.applyEdit(change(current), 5000 + index).catch((cause: unknown) => {
						expect(cause).toMatchObject(outdated);
						return null;
					});
					if (undo) history.push({ before, undo });
					else expect(await dump(here)).toEqual(before);
				}
				for (const { before, undo } of history.reverse()) {
					await here.applyEdit(undo, 9000);
					expect(await dump(here)).toEqual(before);
				}
			}),
			{ seed: 4, numRuns: 6 * place.patience }
		);
	});

	test('two tabs that edit one project at once lose nothing of each other', async () => {
		const first = await withPhotos();
		const second = await page();
		const labels = project().labels;
		const renamed = labels.map((one) => (one.id === 'x' ? { ...one, name: 'Daisy' } : one));
		const more = [...labels.map((one) => (one.id === 'x' ? { ...one, colour: 7 } : one)), label('z')];
		await Promise.all([
			first.applyEdit(edit({ name: 'Birds' }), 5000),
			second.applyEdit(edit({ views: ['rotated'] }), 5001),
			first.applyEdit(edit({}, [{ id: 'p-00001', change: { labelId: 'y' } }]), 5002),
			second.applyEdit(edit({}, [{ id: 'p-00001', change: { split: 'test' } }]), 5003),
			second.addPhotos([photo(6)])
		]);
		const undo = await first.applyEdit({ ...edit({ labels: renamed }), seen: { labels } }, 5004);
		await second.applyEdit({ ...edit({ labels: more }), seen: { labels } }, 5005);
		expect(await first.readProject('p')).toMatchObject({
			name: 'Birds',
			views: ['rotated'],
			changed: 5005,
			labels: [label('x', { name: 'Daisy', colour: 7 }), label('y', { colour: 1 }), label('z')]
		});
		expect((await second.listPhotos('p'))[0]).toMatchObject({ labelId: 'y', split: 'test' });
		expect(await first.listPhotos('p')).toHaveLength(6);
		// Undo in one tab leaves what the other did since.
		await first.applyEdit(undo, 6000);
		expect(await second.readProject('p')).toMatchObject({
			changed: 6000,
			labels: [label('x', { colour: 7 }), label('y', { colour: 1 }), label('z')]
		});
	});

	test('an undo does not take away a label that has got photos in another tab', async () => {
		const first = await withPhotos();
		const second = await page();
		const { labels } = project();
		const undo = await first.applyEdit(edit({ labels: [...labels, label('z')] }), 5000);
		await second.addPhotos([photo(7, { labelId: 'z' })]);
		await expect(first.applyEdit(undo, 6000)).rejects.toMatchObject(outdated);
		expect((await first.listPhotos('p')).at(-1)).toEqual(photo(7, { labelId: 'z' }).photo);
	});

	test('no photo gets into a label that another tab has thrown away, nor back into it', async () => {
		const first = await withPhotos();
		const second = await page();
		const moved = await first.applyEdit(edit({}, [{ id: 'p-00004', change: { labelId: 'x' } }]), 5000);
		const thrown = await first.applyEdit(edit({}, [{ id: 'p-00001', change: { trashed: 5001 } }]), 5001);
		const labels = project().labels.map((one) => ({ ...one, trashed: 6000 }));
		const back = await second.applyEdit(edit({ labels }), 6000);
		const before = await dump(second);
		const refused = [moved, thrown, edit({}, [{ id: 'p-00002', change: { labelId: 'y' } }])];
		for (const one of refused) await expect(first.applyEdit(one, 7000)).rejects.toMatchObject(outdated);
		await expect(first.addPhotos([photo(8)])).rejects.toMatchObject({ code: 'label-gone' });
		expect(await dump(second)).toEqual(before);
		await second.applyEdit(back, 8000);
		for (const one of [thrown, moved]) await first.applyEdit(one, 8001);
		expect((await first.listPhotos('p'))[3]).toMatchObject({ labelId: 'y', trashed: null });
	});

	test('an edit whose connection is lost on the way is made once more, and can be undone', async () => {
		const here = await withPhotos();
		const before = await dump(here);
		let lost = false;
		const end = onRequests((_count, transaction) => {
			if (lost || transaction.mode !== 'readwrite') return;
			lost = true;
			cut(transaction);
			place.lose(transaction.db);
		});
		const undo = await here
			.applyEdit(edit({ name: 'Birds' }, [{ id: 'p-00002', change: { trashed: 4000 } }]), 5000)
			.finally(end);
		expect(lost).toBe(true);
		expect(await here.readProject('p')).toMatchObject({ name: 'Birds' });
		await here.applyEdit(undo, 6000);
		expect(await dump(here)).toEqual(before);
	});

	test('an edit goes through on a connection that was lost before it', async () => {
		const here = await withPhotos();
		await loseConnection(here, place);
		await here.applyEdit(edit({ name: 'Birds' }), 5000);
		expect(await (await page()).readProject('p')).toMatchObject({ name: 'Birds' });
	});
}

const labelId = fc.constantFrom('x', 'y', 'z', 'w');
const photoId = fc.constantFrom('p-00001', 'p-00002', 'p-00003', 'p-00004', 'p-00005');
const time = fc.option(fc.nat(4000));

/** Makes an edit of the project as it is. */
type Change = (current: Project) => Edit;

const anyFields: fc.Arbitrary<Change> = fc
	.record(
		{
			name: fc.string(),
			views: fc.subarray([...VIEWS]),
			trashed: time,
			backboneId: fc.constantFrom('duo', 'uno')
		},
		{ requiredKeys: [] }
	)
	.map((fields) => () => edit(fields));
const anyPhotos: fc.Arbitrary<Change> = fc
	.array(
		fc.record({
			id: photoId,
			change: fc.record(
				{
					labelId,
					trashed: time,
					split: fc.constantFrom(null, 'train' as const, 'test' as const),
					burstId: fc.string(),
					confirmed: fc.constantFrom(null, 'x', 'y')
				},
				{ requiredKeys: [] }
			)
		}),
		{ maxLength: 6 }
	)
	.map((changes) => () => edit({}, changes));
/** What may be done to a list of labels. */
const relabel: fc.Arbitrary<(labels: readonly Label[]) => Label[]> = fc.oneof(
	fc.tuple(labelId, fc.string(), time).map(
		([id, name, trashed]) =>
			(labels: readonly Label[]) =>
				labels.map((one) => (one.id === id ? { ...one, name, trashed } : one))
	),
	fc.tuple(labelId, fc.nat(3)).map(([id, place]) => (labels: readonly Label[]) => {
		const others = labels.filter((one) => one.id !== id);
		return [
			...others.slice(0, place),
			labels.find((one) => one.id === id) ?? label(id),
			...others.slice(place)
		];
	}),
	labelId.map((id) => (labels: readonly Label[]) => labels.filter((one) => one.id !== id))
);
const anyLabels: fc.Arbitrary<Change> = fc
	.tuple(relabel, fc.boolean())
	.map(([make, told]) => ({ labels }) => ({
		...edit({ labels: make(labels) }),
		...(told && { seen: { labels } })
	}));
const anyChange = fc.oneof(anyFields, anyPhotos, anyLabels);
