import { expect, it } from 'vitest';
import { makeTask } from '@/shared/testing/tasks';
import { undoOf } from './orders';

const [low, urgent, high] = [
  makeTask({ id: 'a', priority: 'low' }),
  makeTask({ id: 'b', priority: 'urgent' }),
  makeTask({ id: 'c', priority: 'high' }),
];

it('gives each task the priority back that it had, and leaves those alone that had it already', () => {
  expect(undoOf({ tasks: [low, urgent, high, low], what: { priority: 'high' } })).toEqual([
    { tasks: [low, low], what: { priority: 'low' } },
    { tasks: [urgent], what: { priority: 'urgent' } },
  ]);
});

it('gives back what was taken by hand, and cancels again what was reopened', () => {
  expect(undoOf({ tasks: [low], what: { command: 'start' } })).toEqual([
    { tasks: [low], what: { command: 'stop' } },
  ]);
  expect(undoOf({ tasks: [low], what: { command: 'reopen' } })).toEqual([
    { tasks: [low], what: { command: 'cancel' } },
  ]);
});

it('offers nothing where there is no way back', () => {
  expect(undoOf({ tasks: [low], what: { command: 'approve' } })).toEqual([]);
});
