import { expect, it } from 'vitest';
import type { CapacityLine } from '@/shared/api/types';
import { monthsOf } from './days';

const line = (moduleName: string, day: string, fullShare: number) =>
  ({ moduleName, day, fullShare, avgQueueMs: 10 }) as CapacityLine;

it('gives each module all days of the month, the fullest module first', () => {
  const lines = [
    line('ocr', '2026-02-01', 0.1),
    line('mail', '2026-02-28', 0.4),
    line('ocr', '2026-02-03', 0),
  ];
  const months = monthsOf(lines, '2026-02');
  expect(months.map(({ moduleName, fullShare }) => [moduleName, fullShare])).toEqual([
    ['mail', 0.4],
    ['ocr', 0.1],
  ]);
  expect(months[1]?.days).toHaveLength(28);
  expect(months[1]?.days.filter((each) => each.line).map(({ day }) => day)).toEqual([
    '2026-02-01',
    '2026-02-03',
  ]);
});

it('has nothing to show of a month without lines', () => {
  expect(monthsOf([], '2026-02')).toEqual([]);
});
