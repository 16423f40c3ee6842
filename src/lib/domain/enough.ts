/** Whether labels have photos enough to learn from; said beside them. */
export const FEW_PHOTOS = 5;
/** A label with so many times the photos of another outweighs it. */
const LOPSIDED = 5;

export interface LabelWarning {
	kind: 'few' | 'lopsided';
	words: string;
}

/**
 * @param counts photos of each label that takes part, by id; those with none are not warned of, they say so themselves
 * @returns at most one warning a label, by id
 */
export function labelWarnings(counts: ReadonlyMap<string, number>): Map<string, LabelWarning> {
	const most = Math.max(0, ...counts.values());
	const warnings = new Map<string, LabelWarning>();
	for (const [id, count] of counts) {
		if (count === 0) continue;
		const missing = FEW_PHOTOS - count;
		if (missing > 0) warnings.set(id, { kind: 'few', words: `Too few: ${missing} more at least` });
		else if (most > LOPSIDED * count)
			warnings.set(id, { kind: 'lopsided', words: `Far fewer than others: ${most} against ${count}` });
	}
	return warnings;
}
