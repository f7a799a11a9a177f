import type { TaskPriority, TaskState } from './types';

/** The board's states, in its order. */
export const TASK_STATES = [
  'backlog',
  'in_progress',
  'needs_input',
  'ready_to_test',
  'approved',
  'staging',
  'production',
  'cancelled',
] as const satisfies readonly TaskState[];

/** Most urgent first. */
export const TASK_PRIORITIES = ['urgent', 'high', 'medium', 'low'] as const satisfies readonly TaskPriority[];

export function isTaskState(value: unknown): value is TaskState {
  return TASK_STATES.some((state) => state === value);
}
