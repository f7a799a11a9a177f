import { expect, it } from 'vitest';
import { piecesOf } from './pieces';

const parts = [
  { value: 3, color: 'done' },
  { value: 0, color: 'lost' },
  { value: 1, color: 'failed' },
];

it('lays the parts of a bar one after the other and leaves out what is none', () => {
  expect(piecesOf(parts, 8)).toEqual([
    { begin: 0, length: 37.5, color: 'done' },
    { begin: 37.5, length: 12.5, color: 'failed' },
  ]);
});

it('draws nothing long where there is nothing to compare with', () => {
  expect(piecesOf(parts, 0).map(({ length }) => length)).toEqual([0, 0]);
});
