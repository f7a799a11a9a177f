import { expect, it } from 'vitest';
import type { ExecutionStep } from '@/shared/api/types';
import { spansOf } from './spans';

const at = (second: number) => new Date(Date.UTC(2026, 8, 1, 12, 0, second)).toISOString();
const step = (from: number, to: number | null) =>
  ({ startedAt: at(from), completedAt: to === null ? null : at(to) }) as ExecutionStep;
const spans = (steps: ExecutionStep[], end: number | null) =>
  spansOf({ startedAt: at(0), completedAt: end === null ? null : at(end), steps }, new Date(at(20))).map(
    ({ begin, length }) => [begin, length],
  );

it('lays steps on the time line of their execution', () => {
  expect(spans([step(0, 2), step(2, 10)], 10)).toEqual([
    [0, 20],
    [20, 80],
  ]);
});

it('lets what runs reach until now, and shows also what took no time', () => {
  expect(spans([step(0, 5), step(5, null)], null)).toEqual([
    [0, 25],
    [25, 75],
  ]);
  expect(spans([step(0, 0)], 0)).toEqual([[0, 0.5]]);
});
