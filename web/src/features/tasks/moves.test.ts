import { describe, expect, it } from 'vitest';
import { TASK_STATES } from '@/shared/api/states';
import type { Task } from '@/shared/api/types';
import { makeQuestion, makeTask } from '@/shared/testing/tasks';
import { isStuck, movesOf, nextStep } from './moves';

const COMMIT = '3f2a91c0ffee3f2a91c0ffee3f2a91c0ffee3f2a';

describe('nextStep', () => {
  it.each<[string, Partial<Task>, string | null]>([
    ['a fresh task goes on by itself', { state: 'backlog' }, null],
    ['a task that others hold up goes on by itself', { waitingCode: 'after' }, null],
    ['spent tries want a person', { waitsForPerson: true }, 'retry'],
    ['work goes on by itself', { state: 'in_progress' }, null],
    ['a question wants an answer', { state: 'needs_input', questions: [makeQuestion()] }, 'answer'],
    [
      'a question whose agent is gone wants an answer too',
      { waitsForPerson: true, questions: [makeQuestion()] },
      'answer',
    ],
    [
      'an answered one does not',
      { state: 'needs_input', questions: [makeQuestion({ status: 'answered' })] },
      null,
    ],
    [
      'work to look at wants approval at its commit',
      { state: 'ready_to_test', headCommit: COMMIT },
      'approve',
    ],
    ['without a commit there is nothing to approve', { state: 'ready_to_test' }, null],
    ['approved work wants to be shipped', { state: 'approved' }, 'release'],
    ['approved work in a release is looked after there', { state: 'approved', groupId: 'g' }, 'ship'],
    ['staged work is promoted with its release', { state: 'staging' }, 'ship'],
    ['work in production is done', { state: 'production' }, null],
    ['a cancelled task can come back', { state: 'cancelled' }, 'reopen'],
  ])('%s', (_, fields, step) => {
    expect(nextStep(makeTask(fields))).toBe(step);
  });
});

describe('movesOf', () => {
  it('lets everything but shipped and cancelled work be cancelled', () => {
    const cancellable = TASK_STATES.filter((state) => movesOf(makeTask({ state })).includes('cancel'));
    expect(cancellable).toEqual(['backlog', 'in_progress', 'needs_input', 'ready_to_test', 'approved']);
  });

  it('offers to stop only where somebody works, and changes only where there is work to judge', () => {
    const offering = (move: string) =>
      TASK_STATES.filter((state) => movesOf(makeTask({ state })).some((each) => each === move));
    expect(offering('stop')).toEqual(['in_progress', 'needs_input']);
    expect(offering('requestChanges')).toEqual(['ready_to_test', 'approved']);
  });

  it('offers a preview only of a branch', () => {
    expect(movesOf(makeTask({ state: 'ready_to_test' }))).not.toContain('preview');
    expect(movesOf(makeTask({ state: 'ready_to_test', branchName: 'task-shop-1' }))).toContain('preview');
  });

  it('offers another try only to a task that is stuck', () => {
    expect(movesOf(makeTask({ waitsForPerson: true }))).toContain('retry');
    expect(movesOf(makeTask({ waitingCode: 'after' }))).not.toContain('retry');
    expect(movesOf(makeTask())).not.toContain('retry');
  });
});

it('is stuck only in the backlog', () => {
  expect(isStuck(makeTask({ waitsForPerson: true }))).toBe(true);
  expect(isStuck(makeTask({ waitsForPerson: true, waitingCode: 'after_cancelled' }))).toBe(false);
  expect(isStuck(makeTask({ waitsForPerson: true, state: 'in_progress' }))).toBe(false);
});
