/**
 * Runs jobs by name, each at most once at a time. A job that is asked for again while it runs, runs once more when it
 * has ended: what it brings is never older than the last request, and a storm of requests costs two runs.
 */
export class Refresher {
  readonly #running = new Map<string, { again: boolean }>();

  get busy(): number {
    return this.#running.size;
  }

  async run(name: string, job: () => Promise<unknown>): Promise<void> {
    const running = this.#running.get(name);
    if (running) {
      running.again = true;
      return;
    }
    const mine = { again: true };
    this.#running.set(name, mine);
    try {
      while (mine.again) {
        mine.again = false;
        await job();
      }
    } finally {
      this.#running.delete(name);
    }
  }
}
