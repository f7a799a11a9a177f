import { describe, expect, it } from 'vitest';
import { TASK_STATES } from '@/shared/api/states';
import type { Task, TaskState } from '@/shared/api/types';
import { makeTask } from '@/shared/testing/tasks';
import { verdictOn } from './drops';

type May = Parameters<typeof verdictOn>[2];
const everything: May = () => true;
const verdict = (fields: Partial<Task>, to: TaskState, may: May = everything) =>
  verdictOn(makeTask(fields), to, may);

describe('verdictOn', () => {
  it.each<[Partial<Task>, TaskState, string]>([
    [{ state: 'backlog' }, 'in_progress', 'start'],
    [{ state: 'backlog' }, 'cancelled', 'cancel'],
    [{ state: 'in_progress' }, 'ready_to_test', 'submit'],
    [{ state: 'in_progress', assignedAgentId: 'a-1' }, 'backlog', 'stop'],
    [{ state: 'needs_input' }, 'backlog', 'stop'],
    [{ state: 'ready_to_test', headCommit: 'c0ffee' }, 'approved', 'approve'],
    [{ state: 'ready_to_test' }, 'backlog', 'requestChanges'],
    [{ state: 'approved' }, 'backlog', 'requestChanges'],
    [{ state: 'approved' }, 'staging', 'ship'],
    [{ state: 'staging', groupId: 'g-1' }, 'production', 'promote'],
    [{ state: 'production', groupId: 'g-1' }, 'approved', 'rollback'],
    [{ state: 'cancelled' }, 'backlog', 'reopen'],
  ])('%j brought to %s means %s', (fields, to, command) => {
    expect(verdict(fields, to)).toEqual({ command });
  });

  it.each<[Partial<Task>, TaskState, string]>([
    [{ state: 'in_progress', assignedAgentId: 'a-1' }, 'ready_to_test', 'byWork'],
    [{ state: 'needs_input' }, 'in_progress', 'byAnswer'],
    [{ state: 'in_progress' }, 'needs_input', 'byQuestion'],
    [{ state: 'ready_to_test' }, 'approved', 'noCommit'],
    [{ state: 'backlog' }, 'approved', 'onlyReady'],
    [{ state: 'ready_to_test' }, 'staging', 'onlyApproved'],
    [{ state: 'approved' }, 'production', 'onlyStaging'],
    [{ state: 'staging' }, 'cancelled', 'shipped'],
    [{ state: 'production' }, 'backlog', 'rollBackFirst'],
    [{ state: 'cancelled' }, 'approved', 'reopenFirst'],
    [{ state: 'approved', groupId: 'g-1' }, 'cancelled', 'underWay'],
  ])('%j is not taken by %s: %s', (fields, to, refusal) => {
    expect(verdict(fields, to)).toEqual({ refusal });
  });

  it('has nothing to say of the column where a task is already', () => {
    for (const state of TASK_STATES) expect(verdict({ state }, state)).toBeNull();
  });

  it('refuses what the person may not do', () => {
    const member: May = (permission) => permission === 'tasks';
    expect(verdict({ state: 'approved' }, 'staging', member)).toEqual({ refusal: 'denied' });
    expect(verdict({ state: 'approved' }, 'cancelled', member)).toEqual({ command: 'cancel' });
  });
});
