import type { Task } from '@/shared/api/types';

/** The one thing that a person can do to get a task on its way; null when it goes on by itself. */
export type NextStep = 'answer' | 'approve' | 'release' | 'ship' | 'retry' | 'reopen';

/** What else a person can do with it. */
export type Move = 'requestChanges' | 'preview' | 'stop' | 'cancel' | 'reopen' | 'retry';

type MoveFacts = Pick<
  Task,
  'state' | 'questions' | 'headCommit' | 'waitsForPerson' | 'waitingCode' | 'groupId' | 'branchName'
>;

export function nextStep(task: MoveFacts): NextStep | null {
  switch (task.state) {
    case 'backlog':
    case 'in_progress':
    case 'needs_input':
      if (hasPendingQuestion(task)) return 'answer';
      return isStuck(task) ? 'retry' : null;
    case 'ready_to_test':
      return task.headCommit ? 'approve' : null;
    case 'approved':
      return task.groupId ? 'ship' : 'release';
    case 'staging':
      return 'ship';
    case 'cancelled':
      return 'reopen';
    default:
      return null;
  }
}

/** The moves that the state allows, in the order of the menu. */
export function movesOf(task: MoveFacts): Move[] {
  switch (task.state) {
    case 'backlog':
      return isStuck(task) ? ['retry', 'cancel'] : ['cancel'];
    case 'in_progress':
    case 'needs_input':
      return ['stop', 'cancel'];
    case 'ready_to_test':
    case 'approved':
      return ['requestChanges', ...(task.branchName ? ['preview' as const] : []), 'cancel'];
    case 'cancelled':
      return ['reopen'];
    default:
      return [];
  }
}

export function hasPendingQuestion(task: Pick<Task, 'questions'>): boolean {
  return task.questions.some((question) => question.status === 'pending');
}

/** Its tries are spent or its attempt is lost: nothing happens until a person says "try again". */
export function isStuck(task: Pick<Task, 'state' | 'questions' | 'waitsForPerson' | 'waitingCode'>): boolean {
  return (
    task.state === 'backlog' &&
    task.waitsForPerson &&
    // Trying again would not bring back what it waits for.
    task.waitingCode !== 'after_cancelled' &&
    task.waitingCode !== 'after_all_cancelled' &&
    !hasPendingQuestion(task)
  );
}
