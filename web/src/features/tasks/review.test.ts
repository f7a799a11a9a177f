import { expect, it } from 'vitest';
import { parseComments } from './review';

const comment = { path: 'shop.py', line: 3, body: 'Why?' };

it('takes back the remarks that it stored', () => {
  expect(parseComments(JSON.stringify([comment]))).toEqual([comment]);
});

it('leaves out what is no remark', () => {
  const stored = JSON.stringify([comment, null, { path: 'shop.py', line: '3', body: 'Why?' }]);
  expect(parseComments(stored)).toEqual([comment]);
});

it.each([null, '', '{', '{}'])('begins anew where %j was stored', (stored) => {
  expect(parseComments(stored)).toEqual([]);
});
