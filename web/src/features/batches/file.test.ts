import { expect, it } from 'vitest';
import { inputOf, readFile } from './file';

const inputs = (name: string, text: string) => {
  const read = readFile(name, text, 'ocr.read');
  return 'robots' in read ? read.robots.map(({ inputData }) => inputData) : read;
};

it('makes a robot of each row of a CSV file', () => {
  const text = '\uFEFFpage,note\r\n1,"said ""no"", twice"\r\n\r\n2,\n3,"two\nlines"';
  expect(inputs('pages.CSV', text)).toEqual([
    { page: '1', note: 'said "no", twice' },
    { page: '2', note: '' },
    { page: '3', note: 'two\nlines' },
  ]);
});

it('takes what the type wants as a number for one', () => {
  const schema = {
    properties: {
      page: { type: 'integer' },
      zip: { type: 'string' },
      dark: { type: ['boolean', 'null'] },
      limit: { anyOf: [{ type: 'number' }, { type: 'null' }] },
    },
  };
  const read = readFile('a.csv', 'page,zip,dark,limit\n1,08001,TRUE,\nx,08002,no,2.5', 'ocr.read', {
    schema,
  });
  expect('robots' in read && read.robots.map(({ inputData }) => inputData)).toEqual([
    { page: 1, zip: '08001', dark: true },
    { page: 'x', zip: '08002', dark: 'no', limit: 2.5 },
  ]);
});

it('makes a robot of each JSON line: with a type of its input, without one of the whole of it', () => {
  expect(inputs('pages.jsonl', '{"page": 1}\n\n{"page": 2}\n')).toEqual([{ page: 1 }, { page: 2 }]);
  const whole = { robotType: 'ocr.read', inputData: { page: 1 } };
  expect(readFile('robots.jsonl', JSON.stringify(whole), '')).toEqual({ robots: [whole] });
});

it.each([
  ['a.csv', '', { why: 'empty' }],
  ['a.csv', 'page\n', { why: 'empty' }],
  ['a.csv', 'page,note\n1,a\n2\n', { why: 'fields', row: 3 }],
  ['a.csv', 'page\n"1\n', { why: 'quotes', row: 2 }],
  ['a.jsonl', '{"page": 1}\n[2]\n', { why: 'object', row: 2 }],
  ['a.jsonl', '{"page": ', { why: 'object', row: 1 }],
])('says what is wrong with %s: %j', (name, text, wrong) => {
  expect(inputs(name, text)).toEqual({ wrong });
});

it('needs the type of what is in a CSV file', () => {
  expect(readFile('a.csv', 'page\n1', '')).toEqual({ wrong: { why: 'type' } });
});

it('lets lines that are no objects be refused among the others, if some are to be taken', () => {
  const read = readFile('a.jsonl', '{"page": 1}\nnot JSON\n[2]\n', 'ocr.read', { partial: true });
  expect('robots' in read && read.robots.map(({ inputData }) => inputData)).toEqual([
    { page: 1 },
    'not JSON',
    [2],
  ]);
  expect(readFile('a.jsonl', 'null', '', { partial: true })).toEqual({ robots: [null] });
});

it.each([
  [{ robotType: 'ocr.read', inputData: { page: 1 } }, { page: 1 }],
  [{ page: 1 }, { page: 1 }],
  ['not JSON', 'not JSON'],
  [null, null],
])('shows of %j what would be its input', (robot, shown) => {
  expect(inputOf(robot)).toBe(JSON.stringify(shown, null, 2));
});
