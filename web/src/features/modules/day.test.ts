import { expect, it } from 'vitest';
import type { HealthStatus } from '@/shared/api/types';
import { countsOf, marksOf, sparkOf } from './day';

const FROM = '2026-11-20T12:00:00.000Z';
const at = (hour: number) => new Date(Date.parse(FROM) + hour * 3_600_000).toISOString();

it('divides a day into its half-hours, the oldest first', () => {
  const health = Array<HealthStatus>(48).fill('HEALTHY');
  const marks = marksOf({ moduleName: 'ocr', scores: [], health, healthFrom: FROM });
  expect(marks).toHaveLength(48);
  expect(marks[1]?.from.toISOString()).toBe(at(0.5));
  expect(marks[47]?.to.toISOString()).toBe(at(24));
});

it('counts how it was, the worst first, and leaves out what never was', () => {
  expect(countsOf(['HEALTHY', 'UNKNOWN', 'UNHEALTHY', 'HEALTHY'])).toEqual([
    { status: 'UNHEALTHY', count: 1 },
    { status: 'HEALTHY', count: 2 },
    { status: 'UNKNOWN', count: 1 },
  ]);
});

it('draws scores by their time, higher ones further up', () => {
  const scores = [
    { scoredAt: at(0), score: 0.5 },
    { scoredAt: at(12), score: 0.9 },
    { scoredAt: at(24), score: 0.7 },
  ];
  expect(sparkOf(scores, FROM)).toBe('0,100 50,0 100,50');
});

it('draws a steady score flat in the middle, and a single one not at all', () => {
  const steady = [0, 24].map((hour) => ({ scoredAt: at(hour), score: 1 }));
  expect(sparkOf(steady, FROM)).toBe('0,50 100,50');
  expect(sparkOf(steady.slice(1), FROM)).toBe('');
});
