import { expect, it } from 'vitest';
import { lineOf, nearest, placeOf, topOf } from './scale';

it.each([
  [[], 1],
  [[0], 1],
  [[0.45], 0.5],
  [[7, 3], 8],
  [[11], 15],
  [[1_000], 1_000],
])('draws %j on a scale up to %d', (values, top) => {
  expect(topOf(values)).toBeCloseTo(top);
});

const span = { from: 0, to: 100, top: 10, reach: 15 };

it('draws a line from the bottom up, and breaks it where nothing was measured for too long', () => {
  const points = [
    { at: 0, value: 0 },
    { at: 10, value: 10 },
    { at: 50, value: 5 },
    { at: 60, value: null },
    { at: 70, value: 20 },
  ];
  expect(lineOf(points, span)).toBe('M0,100h0L10,0M50,50h0M70,0h0');
  expect(lineOf([], span)).toBe('');
});

it('finds the moment that is next to a pointer', () => {
  expect(placeOf(25, span)).toBe(25);
  expect(placeOf(500, span)).toBe(100);
  expect(nearest([0, 40, 100], 55, span)).toBe(1);
  expect(nearest([], 55, span)).toBe(0);
});
