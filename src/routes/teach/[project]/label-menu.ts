/** What can be done with a label. */
import ArrowDown from '@lucide/svelte/icons/arrow-down';
import ArrowUp from '@lucide/svelte/icons/arrow-up';
import Eye from '@lucide/svelte/icons/eye';
import EyeOff from '@lucide/svelte/icons/eye-off';
import Merge from '@lucide/svelte/icons/merge';
import Palette from '@lucide/svelte/icons/palette';
import Pencil from '@lucide/svelte/icons/pencil';
import Trash2 from '@lucide/svelte/icons/trash-2';
import type { Entry } from '$lib/components/teach/Menu.svelte';
import type { Label } from '$lib/domain/project';
import type { ProjectState } from '$lib/state/project.svelte';
import type { Asked } from './PhotosSheets.svelte';

/**
 * @param place among the labels, from 0
 * @param count of labels
 * @param ask opens what needs an answer first
 */
export function labelMenu(
	label: Label,
	place: number,
	count: number,
	project: ProjectState,
	ask: (what: Asked) => void
): Entry[] {
	const { id, off } = label;
	return [
		{ words: 'Rename', Icon: Pencil, act: () => ask({ what: 'rename', label }) },
		{ words: 'Colour', Icon: Palette, act: () => ask({ what: 'colour', label }) },
		{ words: 'Merge into…', Icon: Merge, disabled: count < 2, act: () => ask({ what: 'merge', label }) },
		{ words: 'Move up', Icon: ArrowUp, disabled: place === 0, act: () => void project.moveLabel(id, -1) },
		{
			words: 'Move down',
			Icon: ArrowDown,
			disabled: place === count - 1,
			act: () => void project.moveLabel(id, 1)
		},
		{
			words: off ? 'Switch on' : 'Switch off',
			Icon: off ? Eye : EyeOff,
			act: () => void project.switchOff(id, !off)
		},
		{ words: 'Throw away', Icon: Trash2, danger: true, act: () => void project.throwAwayLabel(id) }
	];
}
