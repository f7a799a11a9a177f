import { expect, it } from 'vitest';
import { isSame, sameOr } from './same';

const [a, b] = [{ id: 'a' }, { id: 'b' }];

it('keeps the last list while its things are the very same', () => {
  const last = [a, b];
  expect(sameOr(last, [a, b])).toBe(last);
});

it.each([[[a]], [[b, a]], [[a, { id: 'b' }]], [[a, b, a]], [[]]])(
  'takes the next list when it is %j',
  (next) => {
    expect(sameOr([a, b], next)).toBe(next);
    expect(isSame([a, b], next)).toBe(false);
  },
);
