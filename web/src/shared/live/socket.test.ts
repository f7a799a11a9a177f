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
      success: true,
      events: [{ event: 'task:updated', data: { taskId: 'a', feed: 'p', number: 8 } }],
      feeds: { p: 8, system: 'many' },
      resyncRequired: false,
    };
    expect(resyncFrom(answer)).toEqual({
      kind: 'missed',
      events: [{ kind: 'task:updated', data: { taskId: 'a' }, feed: 'p', number: 8 }],
      numbers: { p: 8 },
    });
  });

  it('asks to read everything anew when the server cannot tell any more', () => {
    const answer = { success: true, events: [], feeds: { p: 8 }, resyncRequired: true };
    expect(resyncFrom(answer)).toEqual({ kind: 'required', numbers: { p: 8 } });
  });

  it.each([null, {}, 'no', { success: false, error: {} }, { success: true, events: 'none' }])(
    'refuses %j, so that the line is dialled again',
    (answer) => {
      expect(() => resyncFrom(answer)).toThrow();
    },
  );
});
