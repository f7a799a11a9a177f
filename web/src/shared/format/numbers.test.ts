import { expect, it } from 'vitest';
import { compact, cost, shortCommit } from './numbers';

it('shortens a commit to seven digits', () => {
  expect(shortCommit('3f2a91c0ffee')).toBe('3f2a91c');
});

it.each([
  [0, '$0.00'],
  [0.004, '< $0.01'],
  [0.42, '$0.42'],
  [1234.5, '$1,234.50'],
])('writes the cost of %d dollars as %s', (dollars, text) => {
  expect(cost(dollars, 'en')).toBe(text);
});

it.each([
  [950, '950'],
  [48_210, '48.2K'],
  [1_500_000, '1.5M'],
])('writes %d short as %s', (value, text) => {
  expect(compact(value, 'en')).toBe(text);
});
