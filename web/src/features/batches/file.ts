import type { NewRobot } from '@/shared/api/types';

/** What is wrong with a file, and where (counted from 1). */
interface Wrong {
  why: 'empty' | 'fields' | 'quotes' | 'object' | 'type';
  row?: number;
}

/** Robots of a file, or what is wrong with it. */
export type Read = { robots: NewRobot[] } | { wrong: Wrong };

/**
 * With a type each row or line is the input of a robot; without one each line is a whole robot. `schema`: of the type's
 * inputs, which says what of a row is no text. `partial`: a line that is no object goes along, for the server to refuse
 * it among the others.
 */
export function readFile(
  name: string,
  text: string,
  robotType: string,
  { schema = null, partial = false }: { schema?: Schema | null; partial?: boolean } = {},
): Read {
  const content = text.replace(/^\uFEFF/, '');
  const csv = name.toLowerCase().endsWith('.csv');
  if (csv && !robotType) return { wrong: { why: 'type' } };
  const read = csv ? readRows(content, noTexts(schema)) : readLines(content, partial);
  if ('wrong' in read) return read;
  if (read.objects.length === 0) return { wrong: { why: 'empty' } };
  const robots = read.objects.map(
    (object) =>
      // The server says what is wrong with a robot.
      (robotType ? { robotType, inputData: object } : object) as NewRobot,
  );
  return { robots };
}

/** What stands first in a file: the input of a robot, or the whole line where it has none. */
export function inputOf(robot: unknown): string {
  const { inputData = robot } = (robot ?? {}) as Partial<NewRobot>;
  return JSON.stringify(inputData, null, 2);
}

export type Schema = Record<string, unknown>;

type Objects = { objects: unknown[] } | { wrong: Wrong };

function readLines(text: string, partial: boolean): Objects {
  const objects: unknown[] = [];
  for (const [place, line] of text.split(/\r?\n/).entries()) {
    if (!line.trim()) continue;
    const found = valueOf(line);
    const good = typeof found === 'object' && found !== null && !Array.isArray(found);
    if (!good && !partial) return { wrong: { why: 'object', row: place + 1 } };
    objects.push(found);
  }
  return { objects };
}

function readRows(text: string, noText: ReadonlySet<string>): Objects {
  const cells = cellsOf(text);
  if (!Array.isArray(cells)) return { wrong: cells };
  const [names = [], ...rows] = cells;
  const odd = rows.findIndex((row) => row.length !== names.length);
  if (odd >= 0) return { wrong: { why: 'fields', row: odd + 2 } };
  const given = (row: string[]) =>
    names.flatMap((name, place): [string, unknown][] => {
      const said = row[place] ?? '';
      if (!noText.has(name)) return [[name, said]];
      // A field that is no text and has nothing in it is not given.
      return said === '' ? [] : [[name, valueOf(said)]];
    });
  return { objects: rows.map((row) => Object.fromEntries(given(row))) };
}

/** The fields that a schema wants as numbers, booleans, lists or objects, and not as text. */
function noTexts(schema: Schema | null): ReadonlySet<string> {
  const properties = Object.entries((schema?.['properties'] ?? {}) as Record<string, unknown>);
  const wanted = properties.map(([name, one]) => ({ name, types: typesOf(one) }));
  return new Set(
    wanted.filter(({ types }) => types.length > 0 && !types.includes('string')).map(({ name }) => name),
  );
}

function typesOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, anyOf = [], oneOf = [] } = schema as Record<'type' | 'anyOf' | 'oneOf', unknown>;
  if (typeof type === 'string') return [type];
  return [type, anyOf, oneOf].flatMap((each): string[] =>
    Array.isArray(each) ? each.flatMap((one) => (typeof one === 'string' ? [one] : typesOf(one))) : [],
  );
}

/** What a field says; the server tells what is wrong with one that cannot be read. */
function valueOf(said: string): unknown {
  try {
    return JSON.parse(/^(true|false)$/i.test(said) ? said.toLowerCase() : said);
  } catch {
    return said;
  }
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
