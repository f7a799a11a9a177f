import { expect, it } from 'vitest';
import { parseSaved } from './savedFilters';

it('reads what was kept, and leaves out what makes no sense', () => {
  const stored = JSON.stringify([
    { name: 'Failed OCR', filters: { status: 'FAILED', type: 'ocr.page', colour: 'red' } },
    { name: '', filters: {} },
    { filters: { status: 'FAILED' } },
    { name: 'no filters' },
    null,
    7,
  ]);
  expect(parseSaved(stored)).toEqual([
    { name: 'Failed OCR', filters: { status: 'FAILED', type: 'ocr.page' } },
  ]);
});

it.each([null, '', 'not json', '{}', '"text"', '[[]]'])('takes %j for nothing', (stored) => {
  expect(parseSaved(stored)).toEqual([]);
});
