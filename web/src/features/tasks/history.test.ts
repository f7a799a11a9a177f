import type { TFunction } from 'i18next';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fetchTold, tellIn } from '@/shared/i18n/told';
import { historyText } from './history';
import { waitingText } from './waiting';

const t = ((name: string) => name) as TFunction;

beforeEach(async () => {
  await fetchTold('es');
  tellIn('es');
});
afterEach(() => tellIn('en'));

it.each([
  [
    'a move by its cause',
    { kind: 'moved', message: 'ada took the task (attempt 2).', details: { cause: 'claim', attempt: 2 } },
    'ada tomó la tarea (intento 2).',
  ],
  [
    'what somebody wrote as it is',
    { kind: 'answered', message: 'ada answered: At nine: sharp', details: { status: 'answered' } },
    'ada respondió: At nine: sharp',
  ],
  [
    'a reason where there is one',
    { kind: 'moved', message: 'ada cancelled it: no time', details: { cause: 'cancel' } },
    'ada la canceló: no time',
  ],
  [
    'no reason where there is none',
    { kind: 'moved', message: 'ada cancelled it.', details: { cause: 'cancel' } },
    'ada la canceló.',
  ],
  [
    'why it is held',
    {
      kind: 'held',
      message: 'It waits: after SHOP-9.',
      details: { waitingCode: 'after', waitingDetails: { tasks: 'SHOP-9' } },
    },
    'ada: En espera, después de SHOP-9.',
  ],
  [
    'which fields were changed',
    { kind: 'edited', message: 'ada changed title.', details: { fields: ['priority', 'title'] } },
    'ada cambió: prioridad y título.',
  ],
  [
    'what was written before there were causes as it was written',
    { kind: 'moved', message: 'ada took the task (attempt 1).', details: { attempt: 1 } },
    'ada took the task (attempt 1).',
  ],
])('tells %s', (_, entry, text) => {
  expect(historyText({ actor: 'ada', ...entry }, t, 'es')).toBe(text);
});

it('says why a task waits, and leaves to the server what has no code', () => {
  expect(waitingText({ waiting: 'no agent online', waitingCode: 'no_agent' }, t)).toBe(
    'ningún agente conectado',
  );
  expect(waitingText({ waiting: 'the moon is full', waitingCode: null }, t)).toBe('the moon is full');
  expect(waitingText({ waiting: null }, t)).toBeNull();
});
