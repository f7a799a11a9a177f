import type { TFunction } from 'i18next';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Problem } from '@/shared/api/problem';
import { refusals } from './es/refusals';
import { sayings } from './es/sayings';
import { sentences } from './sentences';
import { fetchTold, refusalText, saying, tellIn, told } from './told';

const t = ((name: string) => ({ 'state.approved': 'Aprobada' })[name] ?? name) as TFunction;

beforeEach(async () => {
  await fetchTold('es');
  tellIn('es');
});
afterEach(() => tellIn('en'));

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

it('says what a step failed for as it says what was refused', () => {
  const telling = { code: 'rollout_failed', values: {} };
  expect(saying('It did not answer.', telling, t)).toContain('El servidor dice: It did not answer.');
});

it('leaves everything to the server where its own language is shown', () => {
  tellIn('en');
  expect(refusalText(new Problem(404, 'task_not_found', 'There is no task.'), t)).toBeNull();
});

const valuesIn = (text: string) => new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name));

it.each(Object.entries(sentences))(
  'needs for “%s” no value that the server does not give',
  (code, english) => {
    const given = valuesIn(english);
    const needed = valuesIn(sayings[code as keyof typeof sentences]);
    expect([...needed].filter((name) => !given.has(name))).toEqual([]);
  },
);

it('leaves no sentence of the server without words', () => {
  expect(Object.keys(sayings).sort()).toEqual(Object.keys(sentences).sort());
  for (const text of Object.values({ ...refusals, ...sayings })) expect(text.trim()).not.toBe('');
});
