import { expect, it } from 'vitest';
import * as enFirst from './en/first';
import * as enRest from './en/rest';
import * as esFirst from './es/first';
import * as esRest from './es/rest';
import { chosenLanguage } from './index';

const en = { first: enFirst, rest: enRest };
const es = { first: esFirst, rest: esRest };

function texts(tree: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'string'
        ? [[`${path}${name}`, value]]
        : [...texts(value as object, `${path}${name}.`)],
    ),
  );
}

const values = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

it('says the same things in both languages, with the same values in them', () => {
  const spanish = texts(es);
  expect([...spanish.keys()]).toEqual([...texts(en).keys()]);
  for (const [name, text] of texts(en)) {
    // "question" needs no number where there is one; each language decides that for itself.
    if (!name.endsWith('_one')) expect(values(spanish.get(name) ?? ''), name).toEqual(values(text));
  }
});

it('leaves no text empty', () => {
  for (const [name, text] of [...texts(en), ...texts(es)]) expect(text.trim(), name).not.toBe('');
});

it.each([
  [null, ['es-AR', 'en'], 'es'],
  [null, ['de', 'es'], 'es'],
  [null, ['de'], 'en'],
  [null, [], 'en'],
  ['en', ['es'], 'en'],
  ['xx', ['es'], 'es'],
] as const)('with %j stored and %j wanted the language is %s', (stored, wanted, language) => {
  expect(chosenLanguage(stored, wanted)).toBe(language);
});
