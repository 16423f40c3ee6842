/** The run of the open project that broke off or was stopped, and may be gone on with. */
import type { TrainingConfig } from '$lib/domain/training';
import { cardById } from '$lib/services/cards';
import { nameOf } from '$lib/services/kept-tuning';
import type { Lesson } from '$lib/services/lesson';
import { isUnderWay } from '$lib/services/project-news';
import { readTuning, type KeptTuning } from '$lib/storage/training';

/** Without where it stands, which may be large. */
interface Begun extends Pick<KeptTuning, 'config' | 'from' | 'backbone'> {
	/** It got anywhere. */
	stands: boolean;
}

export class BegunRun {
	#begun: Begun | null = $state.raw(null);

	/** What it learned by; null where there is none. */
	get config(): TrainingConfig | null {
		return this.#begun?.config ?? null;
	}

	/**
	 * Whether it can go on: what it learns from is as it was, and there is something to go on with.
	 *
	 * @param mark of what there is to learn from now
	 */
	goesOn(lesson: Lesson | undefined, mark: string): boolean {
		const { stands, from, backbone } = this.#begun ?? {};
		return stands === true && from === mark && backbone === shaOf(lesson);
	}

	take(kept: KeptTuning | null): void {
		this.#begun = kept && {
			...{ config: kept.config, from: kept.from, backbone: kept.backbone },
			stands: kept.state !== null
		};
	}

	/** Reads it; what another tab has under way cannot be gone on with. Never fails. @param isWanted asked when it is read */
	async read(projectId: string, isWanted: () => boolean): Promise<void> {
		const taken = await isUnderWay(nameOf(projectId));
		const kept = taken ? null : await readTuning(projectId).catch(() => null);
		if (isWanted()) this.take(kept);
	}
}

/** Of its network's file; undefined where that is unknown here. */
export const shaOf = (lesson: Lesson | undefined): string | undefined =>
	lesson && cardById(lesson.project.backboneId)?.file.sha256;
