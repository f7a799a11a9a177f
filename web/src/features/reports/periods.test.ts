import { describe, expect, it } from 'vitest';
import { readReports } from './kinds';
import { daysOf, periodText } from './periods';

const iso = (date: Date | undefined) => date?.toISOString().slice(0, 10);

describe('a period', () => {
  it.each([
    ['2026-11-21', '2026-11-21', '2026-11-21'],
    ['2026-W47', '2026-11-16', '2026-11-22'],
    ['2026-W01', '2025-12-29', '2026-01-04'],
    ['2027-W01', '2027-01-04', '2027-01-10'],
    ['2026-02', '2026-02-01', '2026-02-28'],
  ])('%s goes from %s to %s', (period, first, last) => {
    const days = daysOf(period);
    expect([iso(days?.first), iso(days?.last)]).toEqual([first, last]);
  });

  it('is told as people say it', () => {
    expect(periodText('2026-11-21', 'en')).toBe('Nov 21, 2026');
    expect(periodText('2026-11', 'es')).toBe('noviembre de 2026');
    expect(periodText('2026-W47', 'en').replaceAll(/\s/g, ' ')).toBe('Nov 16 – 22, 2026');
    expect(periodText('odd', 'en')).toBe('odd');
  });
});

it('reads the periods of an address and leaves out what is none', () => {
  expect(
    readReports({
      errors: '2026-W47',
      capacity: '2026-11',
      performance: 'today',
      tab: '2026-11',
      system: 'yes',
    }),
  ).toEqual({
    errors: '2026-W47',
    capacity: '2026-11',
  });
});

it('counts what the system did only if it is asked for', () => {
  expect(readReports({ system: true })).toEqual({ system: true });
});
