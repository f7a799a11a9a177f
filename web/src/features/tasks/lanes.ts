import type { Task } from '@/shared/api/types';
import { byState, type TasksByState } from './board';

/** What the lanes of a board stand for. */
export const LANES_BY = ['project', 'agent'] as const;
export type LanesBy = (typeof LANES_BY)[number];

/** Tasks of one project or one agent; `name` is null for those that no agent has. */
export interface Lane {
  name: string | null;
  count: number;
  groups: TasksByState;
}

/** The board in lanes, by name; what no agent has comes last. */
export function lanesOf(tasks: readonly Task[], by: LanesBy): Lane[] {
  const found = new Map<string | null, Task[]>();
  for (const task of tasks) {
    const name = by === 'project' ? task.projectKey : (task.assignedAgent?.name ?? null);
    const lane = found.get(name);
    if (lane) lane.push(task);
    else found.set(name, [task]);
  }
  return [...found]
    .map(([name, its]) => ({ name, count: its.length, groups: byState(its) }))
    .sort((a, b) => Number(a.name === null) - Number(b.name === null) || compare(a.name, b.name));
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '').localeCompare(b ?? '');
}
