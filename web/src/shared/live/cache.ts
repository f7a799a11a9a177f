import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '@/shared/api/keys';
import type { Task } from '@/shared/api/types';
import { effectsOf, keysOfRoom } from './effects';
import type { LiveEvent } from './events';
import { Refresher } from './refresh';
import { changeRobots } from './robots';
import { changeTasks, dropTasks, putTasks } from './tasks';

// Beyond this many changed tasks, reading the lists anew is less work for everyone.
const ONE_BY_ONE = 200;
// Counts over very many robots: while thousands of them move, reading these once a second is enough.
const COUNTED: readonly unknown[] = [keys.modules.all[0], keys.robots.allCounts[0], keys.batches.all[0]];
const COUNTED_EVERY_MS = 1_000;

/** Reads tasks by their ids; those that are gone are missing from the answer. */
export type FetchTasks = (ids: readonly string[]) => Promise<Task[]>;

/** Brings what the page remembers up to date with the events of the live line. */
export class LiveCache {
  readonly #refresher = new Refresher();
  readonly #changed = new Set<string>();

  constructor(
    private readonly queries: QueryClient,
    private readonly fetchTasks: FetchTasks,
  ) {}

  /** Takes news that came together. */
  apply(events: readonly LiveEvent[]): void {
    const { patches, tasks, robots, stale } = effectsOf(events);
    if (patches.size > 0) changeTasks(this.queries, patches);
    for (const id of tasks) this.#changed.add(id);
    if (tasks.size > 0) void this.#refresher.run('changed tasks', () => this.#readChanged());
    if (robots.length > 0) changeRobots(this.queries, robots);
    for (const { robotId } of robots) {
      const one = keys.robots.one(robotId);
      if (this.queries.getQueryState(one)) this.#readAnew(one);
    }
    for (const key of stale) this.#readAnew(key);
  }

  /** Nothing here can be trusted any more. */
  everythingIsStale(): void {
    this.#changed.clear();
    void this.queries.invalidateQueries();
  }

  /** A room's events arrive from now on: what was read before may miss some, so it is read once more. */
  joined(room: string): void {
    for (const key of keysOfRoom(room)) this.#readAnew(key);
  }

  #readAnew(key: QueryKey): void {
    const stale = { queryKey: key };
    const read = async () => {
      const fetching = this.queries.getQueryCache().findAll({ ...stale, fetchStatus: 'fetching' });
      const first = fetching.some(({ state }) => state.data === undefined);
      await this.queries.invalidateQueries(stale);
      // A first answer that is on its way is not cancelled; but it may be older than this event, so it is asked again.
      if (first) await this.queries.invalidateQueries(stale);
    };
    const rest = COUNTED.includes(key[0]) ? COUNTED_EVERY_MS : 0;
    void this.#refresher.run(JSON.stringify(key), read, rest);
  }

  async #readChanged(): Promise<void> {
    const ids = [...this.#changed];
    this.#changed.clear();
    if (ids.length > ONE_BY_ONE) {
      this.#readAnew(keys.tasks.all);
      return;
    }
    for (const id of ids) this.#readAnew(keys.tasks.parts(id));
    try {
      const found = await this.fetchTasks(ids);
      putTasks(this.queries, found);
      const there = new Set(found.map(({ id }) => id));
      const gone = ids.filter((id) => !there.has(id));
      if (gone.length > 0) dropTasks(this.queries, gone);
    } catch {
      // The line is down or about to be, and when it is back, all that was missed comes again; or the next news come
      // first, and bring these along.
      for (const id of ids) this.#changed.add(id);
    }
  }
}
