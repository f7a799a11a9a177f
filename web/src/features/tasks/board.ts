import { TASK_PRIORITIES } from '@/shared/api/states';
import type { Task, TaskPriority, TaskState } from '@/shared/api/types';

/** Staging and production stand as one group; each keeps its own part of it. */
export const COLUMNS = [
  { id: 'backlog', states: ['backlog'] },
  { id: 'in_progress', states: ['in_progress'] },
  { id: 'needs_input', states: ['needs_input'] },
  { id: 'ready_to_test', states: ['ready_to_test'] },
  { id: 'approved', states: ['approved'] },
  { id: 'shipped', states: ['staging', 'production'] },
  { id: 'cancelled', states: ['cancelled'] },
] as const satisfies readonly { id: TaskState | 'shipped'; states: readonly TaskState[] }[];

const RANKS = Object.fromEntries(TASK_PRIORITIES.map((priority, rank) => [priority, rank])) as Record<
  TaskPriority,
  number
>;

export type Column = (typeof COLUMNS)[number];
export type ColumnId = Column['id'];

export type TasksByState = Record<TaskState, Task[]>;

/** Tasks by state, each in its order: the backlog as agents will take it, all else by what moved last. */
export function byState(tasks: readonly Task[]): TasksByState {
  const groups: TasksByState = {
    backlog: [],
    in_progress: [],
    needs_input: [],
    ready_to_test: [],
    approved: [],
    staging: [],
    production: [],
    cancelled: [],
  };
  for (const task of tasks) groups[task.state].push(task);
  for (const [state, group] of Object.entries(groups)) {
    group.sort(state === 'backlog' ? inClaimOrder : newestFirst);
  }
  return groups;
}

/** Whether a task has all words of a search in its key or title. */
export function matcher(query: string): (task: Pick<Task, 'key' | 'title'>) => boolean {
  const words = query.toLowerCase().split(/\s+/);
  return ({ key, title }) => {
    const text = `${key} ${title}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

/** How many tasks a column holds. */
export function countOf(column: Column, groups: TasksByState): number {
  return column.states.reduce((sum, state) => sum + groups[state].length, 0);
}

/** Where to look first on a screen that shows one column: where somebody waits for a person, else where something is. */
export function firstColumn(groups: TasksByState): ColumnId {
  const order: ColumnId[] = ['needs_input', 'ready_to_test', 'in_progress', 'backlog', 'approved', 'shipped'];
  const wanted = order.map((id) => COLUMNS.find((column) => column.id === id));
  return wanted.find((column) => column && countOf(column, groups) > 0)?.id ?? 'backlog';
}

function inClaimOrder(a: Task, b: Task): number {
  return RANKS[a.priority] - RANKS[b.priority] || compare(a.createdAt, b.createdAt);
}

function newestFirst(a: Task, b: Task): number {
  return compare(b.updatedAt, a.updatedAt);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
