import { expect, it } from 'vitest';
import { found, type PaletteEntry } from './find';

const entry = (group: PaletteEntry['group'], text: string, key?: string): PaletteEntry => ({
  id: `${group} ${text}`,
  group,
  text,
  ...(key && { key }),
  run: () => undefined,
});
const entries = [
  entry('page', 'Board'),
  entry('action', 'New task'),
  entry('task', 'Prices show the tax', 'SHOP-1'),
  entry('task', 'Task list is slow', 'SHOP-12'),
];

it.each([
  ['', ['Board', 'New task']],
  ['board', ['Board']],
  ['task', ['Task list is slow', 'New task']],
  ['shop-1', ['Prices show the tax', 'Task list is slow']],
  ['tax prices', ['Prices show the tax']],
  ['nothing', []],
])('%j finds %j', (typed, texts) => {
  expect(found(entries, typed).map(({ text }) => text)).toEqual(texts);
});
