import type { NewRobot } from '@/shared/api/types';

/** What is wrong with a file, and where (counted from 1). */
export interface Wrong {
  why: 'empty' | 'fields' | 'quotes' | 'object' | 'type';
  row?: number;
}

/** Robots of a file, or what is wrong with it. */
export type Read = { robots: NewRobot[] } | { wrong: Wrong };

/** With a type each row or line is the input of a robot; without one each line is a whole robot. */
export function readFile(name: string, text: string, robotType: string): Read {
  const content = text.replace(/^\uFEFF/, '');
  const csv = name.toLowerCase().endsWith('.csv');
  if (csv && !robotType) return { wrong: { why: 'type' } };
  const read = csv ? readRows(content) : readLines(content);
  if ('wrong' in read) return read;
  if (read.objects.length === 0) return { wrong: { why: 'empty' } };
  const robots = read.objects.map((object) =>
    // The server says what is wrong with a robot.
    robotType ? { robotType, inputData: object } : (object as unknown as NewRobot),
  );
  return { robots };
}

type Objects = { objects: Record<string, unknown>[] } | { wrong: Wrong };

function readLines(text: string): Objects {
  const objects: Record<string, unknown>[] = [];
  for (const [place, line] of text.split(/\r?\n/).entries()) {
    if (!line.trim()) continue;
    const object = parsed(line);
    if (!object) return { wrong: { why: 'object', row: place + 1 } };
    objects.push(object);
  }
  return { objects };
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const found: unknown = JSON.parse(line);
    const good = typeof found === 'object' && found !== null && !Array.isArray(found);
    return good ? (found as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function readRows(text: string): Objects {
  const cells = cellsOf(text);
  if (!Array.isArray(cells)) return { wrong: cells };
  const [names = [], ...rows] = cells;
  const odd = rows.findIndex((row) => row.length !== names.length);
  if (odd >= 0) return { wrong: { why: 'fields', row: odd + 2 } };
  return { objects: rows.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place]]))) };
}

// A field, in quotation marks or plain, and what ends it.
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n][^,\r\n]*|))(,|\r?\n|$)/y;

/** Fields of CSV (RFC 4180) by row; empty rows are left out. */
function cellsOf(text: string): string[][] | Wrong {
  const rows: string[][] = [];
  let row: string[] = [];
  let place = 0;
  for (;;) {
    FIELD.lastIndex = place;
    const found = FIELD.exec(text);
    if (!found) return { why: 'quotes', row: rows.length + 1 };
    const [whole, quoted, plain = '', end] = found;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    place += whole.length;
    if (end === ',') continue;
    if (row.length > 1 || row[0]) rows.push(row);
    row = [];
    if (end === '') return rows;
  }
}
