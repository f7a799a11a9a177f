import type { Task, TaskState } from '@/shared/api/types';
import type { Permission } from '@/shared/session';

/** What a person does to a task by bringing it to another column. */
export type Command =
  | 'start'
  | 'submit'
  | 'stop'
  | 'approve'
  | 'requestChanges'
  | 'cancel'
  | 'reopen'
  | 'ship'
  | 'promote'
  | 'rollback';

/** Why a column does not take a task. */
type Refusal =
  | 'denied'
  | 'underWay'
  | 'onlyBacklog'
  | 'byQuestion'
  | 'byAnswer'
  | 'byWork'
  | 'onlyReady'
  | 'noCommit'
  | 'onlyApproved'
  | 'onlyStaging'
  | 'rollBackFirst'
  | 'shipped'
  | 'reopenFirst';

export type Verdict = { command: Command } | { refusal: Refusal };

type DropFacts = Pick<Task, 'state' | 'headCommit' | 'groupId' | 'assignedAgentId'>;
type May = (permission: Permission) => boolean;

const NEEDS: Partial<Record<Command, Permission>> = {
  approve: 'approve',
  ship: 'ship',
  promote: 'ship',
  rollback: 'ship',
};

/** What bringing a task to a state would do, or why it cannot be; null where it is already. */
export function verdictOn(task: DropFacts, to: TaskState, may: May): Verdict | null {
  if (task.state === to) return null;
  const verdict = allowed(task, to);
  if ('refusal' in verdict) return verdict;
  return may(NEEDS[verdict.command] ?? 'tasks') ? verdict : { refusal: 'denied' };
}

function allowed(task: DropFacts, to: TaskState): Verdict {
  const { state } = task;
  // A release that is on its way holds its tasks where they are.
  if (state === 'approved' && task.groupId) return { refusal: 'underWay' };
  if (state === 'cancelled' && to !== 'backlog') return { refusal: 'reopenFirst' };
  switch (to) {
    case 'backlog':
      return toBacklog(state);
    case 'in_progress':
      if (state === 'needs_input') return { refusal: 'byAnswer' };
      return state === 'backlog' ? { command: 'start' } : { refusal: 'onlyBacklog' };
    case 'needs_input':
      return { refusal: 'byQuestion' };
    case 'ready_to_test':
      // Whoever took a task by hand hands it in by hand; an agent does that by itself.
      return state === 'in_progress' && !task.assignedAgentId ? { command: 'submit' } : { refusal: 'byWork' };
    case 'approved':
      if (state === 'staging' || state === 'production') return { command: 'rollback' };
      if (state !== 'ready_to_test') return { refusal: 'onlyReady' };
      return task.headCommit ? { command: 'approve' } : { refusal: 'noCommit' };
    case 'staging':
      return state === 'approved' ? { command: 'ship' } : { refusal: 'onlyApproved' };
    case 'production':
      return state === 'staging' ? { command: 'promote' } : { refusal: 'onlyStaging' };
    case 'cancelled':
      return isShipped(state) ? { refusal: 'shipped' } : { command: 'cancel' };
  }
}

function toBacklog(state: TaskState): Verdict {
  if (state === 'cancelled') return { command: 'reopen' };
  if (state === 'in_progress' || state === 'needs_input') return { command: 'stop' };
  return isShipped(state) ? { refusal: 'rollBackFirst' } : { command: 'requestChanges' };
}

function isShipped(state: TaskState): boolean {
  return state === 'staging' || state === 'production';
}

/** The state that shows at once, before the server has answered; none where a roll-out has to come first. */
export const AT_ONCE: Partial<Record<Command, TaskState>> = {
  start: 'in_progress',
  stop: 'backlog',
  approve: 'approved',
  requestChanges: 'backlog',
  cancel: 'cancelled',
  reopen: 'backlog',
};
