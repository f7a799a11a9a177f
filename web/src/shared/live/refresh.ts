/**
 * Runs jobs by name, each at most once at a time. A job that is asked for again while it runs, runs once more when it
 * has ended: what it brings is never older than the last request, and a storm of requests costs two runs. `rest`: how
 * long to wait after a run before the next one, in milliseconds.
 */
export class Refresher {
  readonly #running = new Map<string, { again: boolean }>();

  get busy(): number {
    return this.#running.size;
  }

  async run(name: string, job: () => Promise<unknown>, rest = 0): Promise<void> {
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
        if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      }
    } finally {
      this.#running.delete(name);
    }
  }
}
