import { describe, expect, it } from 'vitest';
import { TASK_STATES } from '@/shared/api/states';
import { makeTask } from '@/shared/testing/tasks';
import { byState, COLUMNS, countOf, firstColumn, matcher } from './board';

describe('byState', () => {
  it('orders the backlog as agents will take it: most urgent first, then oldest', () => {
    const groups = byState([
      makeTask({ key: 'A-1', priority: 'low', createdAt: '2026-01-01T00:00:00Z' }),
      makeTask({ key: 'A-2', priority: 'urgent', createdAt: '2026-01-03T00:00:00Z' }),
      makeTask({ key: 'A-3', priority: 'urgent', createdAt: '2026-01-02T00:00:00Z' }),
    ]);
    expect(groups.backlog.map(({ key }) => key)).toEqual(['A-3', 'A-2', 'A-1']);
  });

  it('orders everything else by what moved last', () => {
    const groups = byState([
      makeTask({ key: 'A-1', state: 'approved', updatedAt: '2026-01-01T00:00:00Z' }),
      makeTask({ key: 'A-2', state: 'approved', updatedAt: '2026-01-02T00:00:00Z' }),
    ]);
    expect(groups.approved.map(({ key }) => key)).toEqual(['A-2', 'A-1']);
  });
});

it('has a place for every state, once', () => {
  expect(COLUMNS.flatMap((column) => [...column.states])).toEqual([...TASK_STATES]);
});

it('counts staging and production as one group', () => {
  const groups = byState([makeTask({ state: 'staging' }), makeTask({ state: 'production' })]);
  const shipped = COLUMNS.find(({ id }) => id === 'shipped');
  expect(shipped && countOf(shipped, groups)).toBe(2);
});

it('looks first where somebody waits for a person', () => {
  expect(firstColumn(byState([]))).toBe('backlog');
  expect(firstColumn(byState([makeTask({ state: 'production' })]))).toBe('shipped');
  expect(firstColumn(byState([makeTask(), makeTask({ state: 'ready_to_test' })]))).toBe('ready_to_test');
  expect(
    firstColumn(byState([makeTask({ state: 'needs_input' }), makeTask({ state: 'ready_to_test' })])),
  ).toBe('needs_input');
});

it.each([
  ['', true],
  ['postal CODES', true],
  ['shop-1', true],
  ['codes checkout', true],
  ['invoice', false],
])('a search for %j finds the task: %s', (query, found) => {
  expect(matcher(query)(makeTask())).toBe(found);
});
