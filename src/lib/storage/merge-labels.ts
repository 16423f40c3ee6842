/** Labels of a project that two tabs changed: each keeps what it did. Pure. */
import type { Label } from '$lib/domain/project';

type Labels = readonly Label[];

/**
 * A three-way merge by label and field.
 *
 * @param base what both began with
 * @param wanted what the one made of it; where both changed the same field, it wins
 * @param current what the other made of it
 * @returns exactly `wanted` where the other changed nothing
 */
export function mergeLabels(base: Labels, wanted: Labels, current: Labels): Labels {
	const [inBase, inWanted, inCurrent] = [base, wanted, current].map(byId);
	const kept = (id: string) => {
		const [was, want, is] = [inBase?.get(id), inWanted?.get(id), inCurrent?.get(id)];
		if (!is) return was ? undefined : want;
		if (!want) return was ? undefined : is;
		return was ? { ...is, ...changes(was, want) } : want;
	};
	return order(base, wanted, current).flatMap((id) => kept(id) ?? []);
}

const byId = (labels: Labels) => new Map(labels.map((label) => [label.id, label]));

/** The fields that differ. */
function changes(from: Label, to: Label): Partial<Label> {
	const differs = ([key, value]: [string, unknown]) => from[key as keyof Label] !== value;
	return Object.fromEntries(Object.entries(to).filter(differs));
}

/** Ids of all three, in the order of whoever changed it, `wanted` where both did. */
function order(base: Labels, wanted: Labels, current: Labels): string[] {
	const [was, want, is] = [base, wanted, current].map((labels) => labels.map(({ id }) => id));
	const [first, second] = sameOrder(was ?? [], want ?? []) ? [is ?? [], want ?? []] : [want ?? [], is ?? []];
	const ids = [...first];
	second.forEach((id, index) => {
		if (ids.includes(id)) return;
		// Behind the one it stood behind.
		const before = second[index - 1];
		ids.splice(before === undefined ? 0 : ids.indexOf(before) + 1, 0, id);
	});
	return ids;
}

/** Whether what both have stands in the same order in both. */
function sameOrder(a: readonly string[], b: readonly string[]): boolean {
	const common = a.filter((id) => b.includes(id));
	const other = b.filter((id) => a.includes(id));
	return common.every((id, index) => id === other[index]);
}
