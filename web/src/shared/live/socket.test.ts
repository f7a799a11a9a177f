import { describe, expect, it } from 'vitest';
import { eventFrom, resyncFrom } from './socket';

describe('eventFrom', () => {
  it('takes feed and number out of the payload', () => {
    expect(eventFrom('task:created', { taskId: 'a', feed: 'p', number: 7 })).toEqual({
      kind: 'task:created',
      data: { taskId: 'a' },
      feed: 'p',
      number: 7,
    });
  });

  it.each([null, undefined, 'text', 7, []])('makes an event without data of %j', (payload) => {
    expect(eventFrom('x:y', payload)).toEqual({ kind: 'x:y', data: {}, feed: null, number: null });
  });
});

describe('resyncFrom', () => {
  it('reads what was missed', () => {
    const answer = {
      events: [{ event: 'task:updated', data: { taskId: 'a', feed: 'p', number: 8 } }],
      feeds: { p: 8, system: 'many' },
    };
    expect(resyncFrom(answer)).toEqual({
      kind: 'missed',
      events: [{ kind: 'task:updated', data: { taskId: 'a' }, feed: 'p', number: 8 }],
      numbers: { p: 8 },
    });
  });

  it.each([null, {}, { events: 'none' }, { events: [], resyncRequired: true }])(
    'asks to read everything anew for %j',
    (answer) => {
      expect(resyncFrom(answer).kind).toBe('required');
    },
  );
});
