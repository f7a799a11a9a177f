import { expect, it } from 'vitest';
import { makeRequestKeys } from './requestKeys';

it('keeps the key while the same request is sent again', () => {
  const keys = makeRequestKeys();
  expect(keys.of({ title: 'A' })).toBe(keys.of({ title: 'A' }));
  expect(keys.of({ title: 'A' })).toMatch(/^[0-9a-f]{32}$/);
});

it('gives a different request, or the same one after an answer, a new key', () => {
  const keys = makeRequestKeys();
  const first = keys.of({ title: 'A' });
  const second = keys.of({ title: 'B' });
  keys.answered();
  const third = keys.of({ title: 'B' });
  expect(new Set([first, second, third]).size).toBe(3);
});
