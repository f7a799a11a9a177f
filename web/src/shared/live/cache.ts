import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '@/shared/api/keys';
import { Problem } from '@/shared/api/problem';
import type { Task } from '@/shared/api/types';
import { effectsOf } from './effects';
import type { LiveEvent } from './events';
import { Refresher } from './refresh';
import { changeRobots } from './robots';
import { changeTask, dropTask, putTask } from './tasks';

// Beyond this many changed tasks, reading the lists anew is less work for everyone.
const ONE_BY_ONE = 24;
// What is counted from very many robots: while thousands of them move, once a second is live enough.
const COUNTED: readonly unknown[] = [keys.modules.all[0], keys.robots.allCounts[0], keys.batches.all[0]];
const COUNTED_EVERY_MS = 1_000;

/** Brings what the page remembers up to date with the events of the live line. */
export class LiveCache {
  readonly #refresher = new Refresher();

  constructor(
    private readonly queries: QueryClient,
    private readonly fetchTask: (taskId: string) => Promise<Task>,
  ) {}

  /** Takes news of one frame. */
  apply(events: readonly LiveEvent[]): void {
    const { patches, tasks, robots, stale } = effectsOf(events);
    for (const [id, patch] of patches) changeTask(this.queries, id, patch);
    if (tasks.size > ONE_BY_ONE) this.#readAnew(keys.tasks.all);
    else for (const id of tasks) this.#readTask(id);
    if (robots.length > 0) changeRobots(this.queries, robots);
    for (const { robotId } of robots) {
      const one = keys.robots.one(robotId);
      if (this.queries.getQueryState(one)) this.#readAnew(one);
    }
    for (const key of stale) this.#readAnew(key);
  }

  /** Nothing here can be trusted any more. */
  everythingIsStale(): void {
    void this.queries.invalidateQueries();
  }

  #readAnew(key: QueryKey): void {
    const read = () => this.queries.invalidateQueries({ queryKey: key });
    const rest = COUNTED.includes(key[0]) ? COUNTED_EVERY_MS : 0;
    void this.#refresher.run(JSON.stringify(key), read, rest);
  }

  #readTask(id: string): void {
    const read = async () => {
      try {
        putTask(this.queries, await this.fetchTask(id));
        await this.queries.invalidateQueries({ queryKey: keys.tasks.parts(id) });
      } catch (error) {
        if (error instanceof Problem && error.status === 404) dropTask(this.queries, id);
        // Otherwise the line is down or about to be; when it is back, all that was missed comes again.
      }
    };
    void this.#refresher.run(id, read);
  }
}
