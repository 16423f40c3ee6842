/** Erasing everything, in all tabs: from then on each shows this alone, until it is loaded anew. */
import { tick } from 'svelte';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { Tabs, type ErasureNews } from '$lib/services/tabs';

/** Milliseconds in which the last news of a tab arrives. */
const NEWS_MS = 1_000;
const eraserClosed =
	'The tab that was erasing was closed before it had told how it ended, so something may be left. Try again.';

interface Parts {
	/** Ends all work of the page. */
	end(): Promise<void>;
	/** Takes back what is kept. */
	erase(): Promise<void>;
}

export class Erasure {
	#parts: Parts;
	#tabs = new Tabs();
	#phase: 'none' | ErasureNews['phase'] = $state('none');
	#trouble = $state('');

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	get phase() {
		return this.#phase;
	}

	/** What is left and what to do, in words; '' where all is gone. */
	get trouble(): string {
		return this.#trouble;
	}

	/** Ends with the others when another tab erases. Call once on the page. @returns how to stop */
	follow(): () => void {
		this.#tabs.join();
		const deafen = this.#tabs.listen((news) => void this.#hear(news));
		return () => {
			deafen();
			this.#tabs.leave();
		};
	}

	/** Never fails: `trouble` says what is left. */
	start(): Promise<void> {
		return this.#tabs.asEraser(() => this.#erase());
	}

	async #erase(): Promise<void> {
		this.#tabs.tell({ phase: 'erasing', trouble: '' });
		try {
			await this.#end();
			const alone = await this.#tabs.whenAlone(() => this.#parts.erase());
			if (!alone) throw othersOpen();
			this.#say({ phase: 'done', trouble: '' });
		} catch (cause) {
			const trouble = asTrouble(cause, 'erase-incomplete', 'Not everything could be erased. Try again.');
			this.#say({ phase: 'failed', trouble: trouble.message });
		}
	}

	/** Here and in the other tabs. */
	#say(news: ErasureNews): void {
		this.#show(news);
		this.#tabs.tell(news);
	}

	async #hear(news: ErasureNews): Promise<void> {
		const working = this.#phase === 'none';
		if (working) await this.#end().finally(() => this.#tabs.leave());
		// Its own news may have been overtaken while this tab ended its work.
		if (!working || news.phase !== 'erasing') this.#show(news);
		if (news.phase === 'erasing') void this.#expectMore();
	}

	/** The tab that erases may be closed before it has told how it ended. */
	async #expectMore(): Promise<void> {
		await this.#tabs.eraserGone();
		await new Promise((resolve) => setTimeout(resolve, NEWS_MS)); // its last words may still be on their way
		if (this.#phase === 'erasing') this.#show({ phase: 'failed', trouble: eraserClosed });
	}

	async #end(): Promise<void> {
		this.#show({ phase: 'erasing', trouble: '' });
		// The screen that was on show reads and fetches; it goes first.
		await tick();
		await this.#parts.end();
	}

	#show({ phase, trouble }: ErasureNews): void {
		this.#phase = phase;
		this.#trouble = trouble;
	}
}

const othersOpen = () =>
	new Trouble(
		'erase-others-open',
		'What was kept is erased, but other tabs of Lensmith are still open and may keep something again. Close them and try again.'
	);
