import { expect, it } from 'vitest';
import { readFilters, sameFilters } from './filters';

it('keeps what makes sense of an address', () => {
  expect(readFilters({ status: 'FAILED', type: 'ocr.read', named: 'scan-7', page: 3 })).toEqual({
    status: 'FAILED',
    type: 'ocr.read',
    named: 'scan-7',
  });
  expect(readFilters({ late: true })).toEqual({ late: true });
  expect(readFilters({ system: true })).toEqual({ system: true });
  expect(readFilters({ late: 'yes', system: 'no' })).toEqual({});
  expect(readFilters({ status: 'BROKEN', module: '', batch: 7, named: 'x'.repeat(101) })).toEqual({});
});

it('tells filters apart by every one of them', () => {
  expect(sameFilters({ status: 'FAILED' }, { status: 'FAILED' })).toBe(true);
  expect(sameFilters({ named: 'a' }, {})).toBe(false);
  expect(sameFilters({ late: true }, {})).toBe(false);
});
