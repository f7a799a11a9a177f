import { expect, it } from 'vitest';
import type { LogLine } from '@/shared/api/types';
import { type Log, prepended, renewed } from './lines';

const line = (id: number) => ({ id, level: 'info', message: `line ${id}` }) as LogLine;
const log = (from: number, to: number, older = false): Log => ({
  lines: Array.from({ length: to - from + 1 }, (_, index) => line(from + index)),
  older,
});
const ids = ({ lines }: Log) => lines.map(({ id }) => id);

it('puts a page before what is there', () => {
  expect(prepended(log(1, 2), log(3, 4, true))).toEqual(log(1, 4));
});

it('adds what is new and keeps what was read before', () => {
  expect(renewed(log(1, 5), log(4, 7, true))).toEqual(log(1, 7));
  expect(renewed(log(1, 5, true), log(6, 7))).toEqual(log(1, 7, true));
});

it('starts over where lines in between were not read', () => {
  expect(renewed(log(1, 5), log(8, 9, true))).toEqual(log(8, 9, true));
});

it('takes the end where nothing was known', () => {
  expect(ids(renewed(log(1, 0), log(1, 3)))).toEqual([1, 2, 3]);
});
