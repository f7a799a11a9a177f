import { expect, it } from 'vitest';
import { readFilters } from './filters';

it('keeps what makes sense of an address, and nothing else', () => {
  expect(readFilters({ status: 'FAILED', type: 'ocr.page', module: 'ocr', batch: 'b-7', q: 'x' })).toEqual({
    status: 'FAILED',
    type: 'ocr.page',
    module: 'ocr',
    batch: 'b-7',
  });
  expect(readFilters({ status: 'failed', type: '', module: 7, batch: 'x'.repeat(101) })).toEqual({});
});
