import { expect, it } from 'vitest';
import { partsOf, ratePerMinute } from './progress';

it('fills a bar from those that are over to those that wait', () => {
  const byStatus = { PENDING: 4, COMPLETED: 4, FAILED: 2, CANCELLED: 0 };
  expect(partsOf({ byStatus, total: 10 })).toEqual([
    { status: 'COMPLETED', number: 4, begin: 0, length: 40 },
    { status: 'FAILED', number: 2, begin: 40, length: 20 },
    { status: 'PENDING', number: 4, begin: 60, length: 40 },
  ]);
  expect(partsOf({ byStatus: {}, total: 0 })).toEqual([]);
});

it('tells the rate of what was really done, until the end or until now', () => {
  const byStatus = { COMPLETED: 30, CANCELLED: 70 };
  const batch = { byStatus, done: 100, cacheHits: 10, startedAt: '2026-11-21T10:00:00Z', completedAt: null };
  expect(ratePerMinute(batch, new Date('2026-11-21T10:02:00Z'))).toBe(10);
  const ended = { ...batch, completedAt: '2026-11-21T10:01:00Z' };
  expect(ratePerMinute(ended, new Date('2026-11-21T10:30:00Z'))).toBe(20);
  expect(ratePerMinute({ ...batch, done: 80 }, new Date())).toBeNull();
  expect(ratePerMinute({ ...batch, startedAt: null }, new Date())).toBeNull();
});
