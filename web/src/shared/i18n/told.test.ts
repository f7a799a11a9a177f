import type { TFunction } from 'i18next';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Problem } from '@/shared/api/problem';
import * as spanish from './es/told';
import { partsOf } from './quotations';
import { sentences } from './sentences';
import { refusalText, saying, tellIn, tellSoon, told } from './told';

const t = ((name: string) => ({ 'state.approved': 'Aprobada' })[name] ?? name) as TFunction;

beforeEach(() => tellIn(spanish));
afterEach(() => tellIn(null));

it('says in Spanish what a code means, with the details of the answer', () => {
  const details = { task: 'SHOP-1', state: 'approved' };
  expect(refusalText(new Problem(409, 'illegal_move', 'SHOP-1 is in …', details), t)).toBe(
    'SHOP-1 ya está en «Aprobada», y desde ahí eso no se puede.',
  );
});

it("adds the server's own sentence where it tells more than the code", () => {
  expect(refusalText(new Problem(409, 'rollout_failed', 'It did not answer.'), t)).toContain(
    'It did not answer.',
  );
});

it.each([
  ['a code without words', new Problem(409, 'never_heard_of', 'No.')],
  ['an answer without the details', new Problem(409, 'illegal_move', 'No.')],
])('leaves %s to the server', (_, problem) => {
  expect(refusalText(problem, t)).toBeNull();
});

it('says why a task waits and what has happened to it, with commits as people read them', () => {
  expect(told('sayings', 'after', { tasks: 'SHOP-1, SHOP-2' }, t)).toBe('después de SHOP-1, SHOP-2');
  const values = { actor: 'ada', commit: '3f2a91c0ffee3f2a91c0ffee3f2a91c0ffee3f2a' };
  expect(saying('ada approved 3f2a91c.', { code: 'approved', values }, t)).toBe('ada aprobó 3f2a91c.');
});

it('says a refusal by its own sentence, where it has one, and not by its code alone', () => {
  const details = { told: { code: 'static_root_outside', values: { folder: '../..' } } };
  expect(refusalText(new Problem(422, 'invalid_static_root', 'The static root …', details), t)).toBe(
    'La carpeta que se sirve, `../..`, está fuera del repositorio.',
  );
});

it('says of rows from before why a step failed', () => {
  const failed = { code: 'rollout_failed', values: {} };
  expect(saying('It did not answer.', failed, t)).toBe(
    'El despliegue ha fallado: \u2068It did not answer.\u2069',
  );
  const step = { code: 'step_failed', values: { error: 'boom' } };
  expect(saying('failed: boom', step, t)).toBe('ha fallado: \u2068boom\u2069');
});

it('holds back what the server says while the words for it are on their way, and never what others said', () => {
  tellSoon();
  const telling = { code: 'after', values: { tasks: 'SHOP-1' } };
  expect(saying('after SHOP-1', telling, t)).toBe('…');
  expect(saying('Somebody wrote this.', null, t)).toBe('Somebody wrote this.');
  expect(saying(null, telling, t)).toBeNull();
  tellIn(null);
  expect(saying('after SHOP-1', telling, t)).toBe('after SHOP-1');
});

it('leaves everything to the server where its own language is shown', () => {
  tellIn(null);
  expect(refusalText(new Problem(404, 'task_not_found', 'There is no task.'), t)).toBeNull();
});

const valuesIn = (text: string) => new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name));

it.each(Object.entries(sentences))(
  'needs for “%s” no value that the server does not give',
  (code, english) => {
    const given = valuesIn(english);
    const needed = valuesIn(spanish.sayings[code as keyof typeof sentences]);
    expect([...needed].filter((name) => !given.has(name))).toEqual([]);
  },
);

it('leaves no sentence of the server without words', () => {
  expect(Object.keys(spanish.sayings).sort()).toEqual(Object.keys(sentences).sort());
  for (const text of Object.values({ ...spanish.refusals, ...spanish.sayings }))
    expect(text.trim()).not.toBe('');
});

it('marks what others said in it, and says in Spanish what is ours', () => {
  const values = {
    upstream: '/shop',
    error: { words: 'Away: no route', code: 'upstream_away', values: { error: 'no route' } },
  };
  expect(partsOf(saying('', { code: 'upstream_push_failed', values }, t))).toEqual([
    'no se pudo subir a /shop: El repositorio de origen no responde: ',
    'no route',
    '',
  ]);
  const failed = { code: 'attempt_ended_badly', values: { error: 'boom' } };
  expect(partsOf(saying('', failed, t))).toEqual(['El intento ha fallado: ', 'boom', '']);
});

it("marks what others said in the server's own words, too, but not what is the server's", () => {
  tellIn(null);
  const problem = { words: 'Not fetched: boom', code: 'upstream_not_fetched', values: { error: 'boom' } };
  const telling = { code: 'goes_on_without_upstream', values: { problem } };
  expect(partsOf(saying('Not fetched: boom It goes on.', telling, t))).toEqual([
    'Not fetched: ',
    'boom',
    ' It goes on.',
  ]);
  const ours = {
    code: 'step_not_tagged',
    values: { error: { words: 'Away.', code: 'upstream_away', values: {} } },
  };
  expect(partsOf(saying('not tagged: Away.', ours, t))).toEqual(['not tagged: Away.']);
});

it('says why a roll-out failed, sentence within sentence, with the last words of the program as a quotation', () => {
  const fate = { words: 'ended with exit status 3', code: 'program_ended', values: { status: 3 } };
  const trouble = { words: 'The program …', code: 'program_fell', values: { fate } };
  const telling = { code: 'rollout_last_words', values: { trouble, said: 'no such table' } };
  expect(partsOf(saying('', telling, t))).toEqual([
    'El programa terminó con el código 3 antes de responder. Lo último que escribió: ',
    'no such table',
    '',
  ]);
});
