import type { QueryClient } from '@tanstack/react-query';
import { keys } from '@/shared/api/keys';
import type { Task } from '@/shared/api/types';

/** The board of one project (`project`: its key) or of all. */
export interface TaskList {
  project: string | null;
  items: Task[];
  complete: boolean;
}

/** Writes a task that was just read wherever it is shown, unless something newer is there already. */
export function putTask(queries: QueryClient, task: Task): void {
  queries.setQueriesData<TaskList>({ queryKey: keys.tasks.lists }, (list) => list && withTask(list, task));
  queries.setQueryData<Task>(keys.tasks.one(task.key), (old) => (old ? newer(old, task) : undefined));
}

/** Changes some fields of a task wherever it is shown. */
export function changeTask(queries: QueryClient, id: string, patch: Partial<Task>): void {
  queries.setQueriesData<TaskList>({ queryKey: keys.tasks.lists }, (list) =>
    list?.items.some((task) => task.id === id)
      ? { ...list, items: list.items.map((task) => (task.id === id ? { ...task, ...patch } : task)) }
      : list,
  );
  queries.setQueriesData<Task>({ queryKey: keys.tasks.ones }, (task) =>
    task?.id === id ? { ...task, ...patch } : task,
  );
}

/** A task that some list holds already. */
export function cachedTask(queries: QueryClient, key: string): Task | undefined {
  const lists = queries.getQueriesData<TaskList>({ queryKey: keys.tasks.lists });
  return lists.flatMap(([, list]) => list?.items ?? []).find((task) => task.key === key);
}

/** Takes a deleted task off the board. */
export function dropTask(queries: QueryClient, id: string): void {
  queries.setQueriesData<TaskList>({ queryKey: keys.tasks.lists }, (list) =>
    list ? { ...list, items: list.items.filter((task) => task.id !== id) } : list,
  );
}

function withTask(list: TaskList, task: Task): TaskList {
  const at = list.items.findIndex((item) => item.id === task.id);
  const old = list.items[at];
  if (old) return { ...list, items: list.items.with(at, newer(old, task)) };
  const belongs = list.project === null || list.project === task.projectKey;
  return belongs ? { ...list, items: [...list.items, task] } : list;
}

function newer(old: Task, task: Task): Task {
  return old.updatedAt > task.updatedAt ? old : task;
}
