import { expect, it } from 'vitest';
import { makeTask } from '@/shared/testing/tasks';
import { lanesOf } from './lanes';

const agent = (name: string) => ({ id: name, name, status: 'busy' });

it('stands each project in a lane of its own, with its tasks by state', () => {
  const lanes = lanesOf(
    [
      makeTask({ projectKey: 'WARE', state: 'backlog' }),
      makeTask({ projectKey: 'SHOP', state: 'approved' }),
      makeTask({ projectKey: 'SHOP', state: 'backlog' }),
    ],
    'project',
  );
  expect(lanes.map(({ name, count }) => [name, count])).toEqual([
    ['SHOP', 2],
    ['WARE', 1],
  ]);
  expect(lanes[0]?.groups.approved).toHaveLength(1);
});

it('puts what no agent has below those that one has', () => {
  const lanes = lanesOf(
    [
      makeTask({ assignedAgent: null }),
      makeTask({ assignedAgent: agent('zoe-1') }),
      makeTask({ assignedAgent: agent('ada-1') }),
    ],
    'agent',
  );
  expect(lanes.map(({ name }) => name)).toEqual(['ada-1', 'zoe-1', null]);
});

it('has no lane where there is no task', () => {
  expect(lanesOf([], 'agent')).toEqual([]);
});
