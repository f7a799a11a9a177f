import type { Task, TaskPriority } from '@/shared/api/types';
import type { Command } from './drops';

/** The commands that the tasks themselves know; the others are their releases'. */
export type TaskCommand = Exclude<Command, 'ship' | 'promote' | 'rollback'> | 'retry';

/** The same to several tasks, as they were before: a command, or another priority. */
export interface Order {
  tasks: readonly Task[];
  what: { command: TaskCommand; words?: string } | { priority: TaskPriority };
}

const TAKES_BACK: Partial<Record<TaskCommand, TaskCommand>> = { start: 'stop', reopen: 'cancel' };

/** The orders that bring tasks back to what they were; none where that cannot be, as after an approval. */
export function undoOf({ tasks, what }: Order): Order[] {
  if ('command' in what) {
    const command = TAKES_BACK[what.command];
    return command ? [{ tasks, what: { command } }] : [];
  }
  const before = new Map<TaskPriority, Task[]>();
  for (const task of tasks) {
    if (task.priority !== what.priority)
      before.set(task.priority, [...(before.get(task.priority) ?? []), task]);
  }
  return [...before].map(([priority, some]) => ({ tasks: some, what: { priority } }));
}
