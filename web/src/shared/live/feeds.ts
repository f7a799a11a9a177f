import type { FeedNumbers } from './events';

export type Verdict = 'next' | 'old' | 'gap';

/** Remembers how far each feed was read, and judges what comes in. */
export class FeedBook {
  readonly #numbers = new Map<string, number>();

  /** What may be asked for again: the last number of each feed. */
  get numbers(): FeedNumbers {
    return Object.fromEntries(this.#numbers);
  }

  get isEmpty(): boolean {
    return this.#numbers.size === 0;
  }

  /** Judges a number and, if it is the next one, takes it. A feed never heard of starts with whatever comes first. */
  read(feed: string, number: number): Verdict {
    const last = this.#numbers.get(feed);
    if (last !== undefined && number <= last) return 'old';
    if (last !== undefined && number > last + 1) return 'gap';
    this.#numbers.set(feed, number);
    return 'next';
  }

  /** Takes the server's numbers where they are ahead of ours. */
  catchUp(numbers: FeedNumbers): void {
    for (const [feed, number] of Object.entries(numbers)) {
      this.#numbers.set(feed, Math.max(number, this.#numbers.get(feed) ?? 0));
    }
  }

  /** Forgets ours and takes the server's, even where they are lower: another database answers now. */
  startOver(numbers: FeedNumbers): void {
    this.#numbers.clear();
    this.catchUp(numbers);
  }
}
