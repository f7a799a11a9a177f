import type { TFunction } from 'i18next';
import { afterEach, beforeEach, expect, it } from 'vitest';
import * as spanish from '@/shared/i18n/es/told';
import { tellIn } from '@/shared/i18n/told';
import { historyText } from './history';
import { waitingText } from './waiting';

const t = ((name: string) => name) as TFunction;

beforeEach(() => tellIn(spanish));
afterEach(() => tellIn(null));

const said = (message: string, code: string, values: object, more: object = {}) => ({
  message,
  details: { told: { code, values }, ...more },
});

it.each([
  [
    'what happened by its code',
    said('ada took the task (attempt 2).', 'took', { actor: 'ada', attempt: 2 }),
    'ada tomó la tarea (intento 2).',
  ],
  [
    'what somebody wrote as it is',
    said('ada answered: At nine: sharp', 'answered', { actor: 'ada', answer: 'At nine: sharp' }),
    'ada respondió: At nine: sharp',
  ],
  [
    'a sentence within a sentence',
    said('It waits: after SHOP-9.', 'waits', {
      reason: { words: 'after SHOP-9', code: 'after', values: { tasks: 'SHOP-9' } },
    }),
    'En espera: después de SHOP-9.',
  ],
  [
    "somebody else's words within a sentence",
    said('It waits: a full moon.', 'waits', { reason: { words: 'a full moon' } }),
    'En espera: a full moon.',
  ],
  [
    'which fields were changed',
    said(
      'ada changed title.',
      'changed',
      { actor: 'ada', fields: 'priority, title' },
      { fields: ['priority', 'title'] },
    ),
    'ada cambió: prioridad y título.',
  ],
  [
    'what was written before there were codes as it was written',
    { message: 'ada took the task (attempt 1).', details: { cause: 'claim', attempt: 1 } },
    'ada took the task (attempt 1).',
  ],
])('tells %s', (_, entry, text) => {
  expect(historyText(entry, t, 'es')).toBe(text);
});

it('says why a task waits, and leaves to the server what has no code', () => {
  expect(waitingText({ waiting: 'no agent online', waitingCode: 'no_agent' }, t)).toBe(
    'ningún agente conectado',
  );
  expect(waitingText({ waiting: 'the moon is full', waitingCode: null }, t)).toBe('the moon is full');
  expect(waitingText({ waiting: null }, t)).toBeNull();
});
