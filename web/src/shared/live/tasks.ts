import type { QueryClient } from '@tanstack/react-query';
import { keys } from '@/shared/api/keys';
import type { Task } from '@/shared/api/types';

/** The board of one project (`project`: its key) or of all. */
export interface TaskList {
  project: string | null;
  items: Task[];
  complete: boolean;
}

const anticipated = new Set<{ id: string; patch: Partial<Task> }>();

/** Writes a task that was just read wherever it is shown, unless something newer is there already. */
export function putTask(queries: QueryClient, task: Task): void {
  putTasks(queries, [task]);
}

/** The same with several, in one change of each list. */
export function putTasks(queries: QueryClient, tasks: readonly Task[]): void {
  eachList(queries, (list) => withTasks(list, tasks));
  for (const task of tasks) {
    queries.setQueryData<Task>(keys.tasks.one(task.key), (old) => (old ? newer(old, task) : undefined));
  }
}

/**
 * Shows at once what was ordered of some tasks. Older news does not take it back until the order is answered: call what is
 * returned with the task's id then.
 */
export function anticipate(
  queries: QueryClient,
  ids: readonly string[],
  patch: Partial<Task>,
): (id: string) => void {
  const orders = ids.map((id) => ({ id, patch }));
  for (const order of orders) anticipated.add(order);
  changeTasks(queries, new Map(ids.map((id) => [id, patch])));
  return (answered) => {
    for (const order of orders) if (order.id === answered) anticipated.delete(order);
  };
}

/** Changes some fields of a task wherever it is shown. */
export function changeTask(queries: QueryClient, id: string, patch: Partial<Task>): void {
  changeTasks(queries, new Map([[id, patch]]));
}

/** The same with several, by their ids. */
export function changeTasks(queries: QueryClient, patches: ReadonlyMap<string, Partial<Task>>): void {
  const changed = (task: Task) => {
    const patch = patches.get(task.id);
    return patch ? asOrdered({ ...task, ...patch }) : task;
  };
  eachList(queries, (list) =>
    list.items.some(({ id }) => patches.has(id)) ? { ...list, items: list.items.map(changed) } : list,
  );
  queries.setQueriesData<Task>({ queryKey: keys.tasks.ones }, (task) => task && changed(task));
}

/** A task that some list holds already. */
export function cachedTask(queries: QueryClient, key: string): Task | undefined {
  const lists = queries.getQueriesData<TaskList>({ queryKey: keys.tasks.lists });
  return lists.flatMap(([, list]) => list?.items ?? []).find((task) => task.key === key);
}

/** Takes deleted tasks off the board. */
export function dropTasks(queries: QueryClient, ids: readonly string[]): void {
  eachList(queries, (list) =>
    list.items.some(({ id }) => ids.includes(id))
      ? { ...list, items: list.items.filter(({ id }) => !ids.includes(id)) }
      : list,
  );
}

/** A list that was read over a while, with what came in meanwhile: what was known `before` and what is known `now`. */
export function caughtUp(list: TaskList, before?: TaskList, now?: TaskList): TaskList {
  const old = new Set(before?.items);
  return withTasks(
    { ...list, items: list.items.map(asOrdered) },
    now?.items.filter((task) => !old.has(task)) ?? [],
  );
}

// A list that has not changed stays the same object, so that nothing is drawn for it.
function eachList(queries: QueryClient, change: (list: TaskList) => TaskList): void {
  for (const [key, list] of queries.getQueriesData<TaskList>({ queryKey: keys.tasks.lists })) {
    const next = list && change(list);
    if (next !== list) queries.setQueryData<TaskList>(key, next);
  }
}

function withTasks(list: TaskList, tasks: readonly Task[]): TaskList {
  const news = new Map(tasks.map((task) => [task.id, task]));
  let changed = false;
  const items = list.items.map((old) => {
    const task = news.get(old.id);
    if (!task) return old;
    news.delete(old.id);
    const kept = newer(old, task);
    changed ||= kept !== old;
    return kept;
  });
  for (const task of news.values()) {
    if (list.project !== null && list.project !== task.projectKey) continue;
    items.push(task);
    changed = true;
  }
  return changed ? { ...list, items } : list;
}

function newer(old: Task, task: Task): Task {
  return old.updatedAt > task.updatedAt ? old : asOrdered(task);
}

function asOrdered(task: Task): Task {
  return [...anticipated].reduce(
    (shown, { id, patch }) => (id === task.id ? { ...shown, ...patch } : shown),
    task,
  );
}
