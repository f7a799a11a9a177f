import type { Task, TaskPriority } from '@/shared/api/types';
import { matcher } from './board';
import { hasPendingQuestion } from './moves';

/** For a person: a question, work to look at, tries that are spent. For anything else: a reason in one line. */
type Waiting = 'person' | 'reason';

/** Which cards of the board are shown; what is left out does not narrow. */
export interface Filters {
  q?: string;
  priority?: TaskPriority;
  /** The agent's name. */
  agent?: string;
  waiting?: Waiting;
}

export function filtered(tasks: readonly Task[], filters: Filters): readonly Task[] {
  const { q, priority, agent, waiting } = filters;
  if (!q && !priority && !agent && !waiting) return tasks;
  const matches = q ? matcher(q) : null;
  return tasks.filter(
    (task) =>
      (!priority || task.priority === priority) &&
      (!agent || task.assignedAgent?.name === agent) &&
      (!waiting || waitingOf(task) === waiting) &&
      (!matches || matches(task)),
  );
}

/** The agents that have a task among these, by name. */
export function agentNames(tasks: readonly Task[]): string[] {
  const names = new Set(tasks.flatMap((task) => task.assignedAgent?.name ?? []));
  return [...names].sort((a, b) => a.localeCompare(b));
}

function waitingOf(task: Task): Waiting | null {
  const forPerson = task.waitsForPerson || task.state === 'ready_to_test' || hasPendingQuestion(task);
  if (forPerson) return 'person';
  return task.state === 'backlog' && task.waiting ? 'reason' : null;
}
