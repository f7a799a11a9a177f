import { expect, it } from 'vitest';
import type { Task } from '@/shared/api/types';
import { makeQuestion, makeTask } from '@/shared/testing/tasks';
import { agentNames, type Filters, filtered } from './filters';

const agent = { id: 'a-1', name: 'claude-1', status: 'busy' } as const;
const tasks: Task[] = [
  makeTask({ key: 'SHOP-1', priority: 'high', waiting: 'after SHOP-9' }),
  makeTask({ key: 'SHOP-2', state: 'in_progress', assignedAgent: agent }),
  makeTask({ key: 'SHOP-3', state: 'needs_input', questions: [makeQuestion()] }),
  makeTask({ key: 'SHOP-4', state: 'ready_to_test', title: 'Prices show the tax' }),
  makeTask({ key: 'SHOP-5', waitsForPerson: true, waiting: '3 attempts failed' }),
];

it.each<[Filters, string[]]>([
  [{}, ['SHOP-1', 'SHOP-2', 'SHOP-3', 'SHOP-4', 'SHOP-5']],
  [{ priority: 'high' }, ['SHOP-1']],
  [{ agent: 'claude-1' }, ['SHOP-2']],
  [{ waiting: 'person' }, ['SHOP-3', 'SHOP-4', 'SHOP-5']],
  [{ waiting: 'reason' }, ['SHOP-1']],
  [{ q: 'TAX' }, ['SHOP-4']],
  [{ q: 'tax', waiting: 'reason' }, []],
])('%j shows %j', (filters, shown) => {
  expect(filtered(tasks, filters).map(({ key }) => key)).toEqual(shown);
});

it('offers the agents that have a task', () => {
  expect(agentNames(tasks)).toEqual(['claude-1']);
});
