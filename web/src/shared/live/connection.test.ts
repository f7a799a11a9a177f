import { describe, expect, it } from 'vitest';
import { type Line, LiveConnection, type LineHandlers } from './connection';
import type { FeedNumbers, LiveEvent, Resync } from './events';

/** A line driven by hand: the test decides when it connects, what comes in, and how questions are answered. */
class HandLine implements Line {
  handlers!: LineHandlers;
  redials = 0;
  closed = false;
  readonly rooms: string[] = [];
  readonly asked: FeedNumbers[] = [];
  readonly #joins: { resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly #answers: { resolve: (resync: Resync) => void; reject: (error: Error) => void }[] = [];

  open(handlers: LineHandlers) {
    this.handlers = handlers;
  }
  close() {
    this.closed = true;
  }
  redial() {
    this.redials += 1;
  }
  resync(numbers: FeedNumbers) {
    this.asked.push(numbers);
    return new Promise<Resync>((resolve, reject) => this.#answers.push({ resolve, reject }));
  }
  join(room: string) {
    this.rooms.push(`+${room}`);
    return new Promise<void>((resolve, reject) => this.#joins.push({ resolve, reject }));
  }
  leave(room: string) {
    this.rooms.push(`-${room}`);
  }

  async letIn() {
    for (const { resolve } of this.#joins.splice(0)) resolve();
    await settled();
  }
  async cut() {
    this.handlers.disconnected();
    for (const { reject } of this.#joins.splice(0)) reject(new Error('the line was cut'));
    await settled();
  }
  async answer(resync: Resync) {
    this.#answers.shift()?.resolve(resync);
    await settled();
  }
  async fail() {
    this.#answers.shift()?.reject(new Error('no answer in time'));
    await settled();
  }
}

const settled = () =>
  new Promise((resolve) => queueMicrotask(() => queueMicrotask(() => resolve(undefined))));

function event(number: number | null, feed = 'shop'): LiveEvent {
  return {
    kind: 'task:updated',
    data: { taskId: `t${number}` },
    feed: number === null ? null : feed,
    number,
  };
}

function makeLive(known: FeedNumbers = {}) {
  const line = new HandLine();
  const heard: (number | string | null)[] = [];
  const live = new LiveConnection(
    line,
    {
      events: (events) => heard.push(...events.map(({ number }) => number)),
      stale: () => heard.push('stale'),
      joined: (room) => heard.push(room),
      refused: () => heard.push('refused'),
    },
    () => new Date('2026-11-21T12:04:00Z'),
    known,
  );
  live.start();
  return { line, live, heard };
}

async function makeConnected() {
  const made = makeLive();
  made.line.handlers.connected();
  await made.line.answer({ kind: 'required', numbers: { shop: 10 } });
  made.heard.length = 0;
  return made;
}

describe('LiveConnection', () => {
  it('trusts what was read after the numbers it was given, and asks for what came since', async () => {
    const { line, live, heard } = makeLive({ shop: 4 });
    line.handlers.connected();
    expect(line.asked).toEqual([{ shop: 4 }]);
    await line.answer({ kind: 'missed', events: [event(5)], numbers: { shop: 5 } });
    expect(heard).toEqual([5]);
    expect(live.status).toEqual({ state: 'live' });
  });

  it('is live once the server has told its numbers, and trusts nothing that was read before', async () => {
    const { line, live, heard } = makeLive();
    expect(live.status.state).toBe('connecting');
    line.handlers.connected();
    expect(line.asked).toEqual([{}]);
    await line.answer({ kind: 'missed', events: [], numbers: { shop: 10, system: 3 } });
    expect(live.status.state).toBe('live');
    expect(heard).toEqual(['stale']);
  });

  it('hands on events in order and each once', async () => {
    const { line, heard } = await makeConnected();
    for (const number of [11, 12, 12, 11, 13]) line.handlers.event(event(number));
    expect(heard).toEqual([11, 12, 13]);
  });

  it('keeps what arrives while the numbers are being asked for', async () => {
    const { line, heard } = makeLive();
    line.handlers.connected();
    line.handlers.event(event(10));
    line.handlers.event(event(11));
    expect(heard).toEqual([]);
    await line.answer({ kind: 'required', numbers: { shop: 10 } });
    expect(heard).toEqual(['stale', 11]);
  });

  it('asks for what is missing when a number was skipped, and fills it in before going on', async () => {
    const { line, heard, live } = await makeConnected();
    line.handlers.event(event(11));
    line.handlers.event(event(14));
    line.handlers.event(event(15));
    expect(line.asked.at(-1)).toEqual({ shop: 11 });
    expect(heard).toEqual([11]);
    await line.answer({ kind: 'missed', events: [event(12), event(13), event(14)], numbers: { shop: 14 } });
    expect(heard).toEqual([11, 12, 13, 14, 15]);
    expect(live.status.state).toBe('live');
  });

  it('declares everything stale when the server cannot tell any more', async () => {
    const { line, heard } = await makeConnected();
    line.handlers.event(event(99));
    await line.answer({ kind: 'required', numbers: { shop: 99 } });
    line.handlers.event(event(100));
    expect(heard).toEqual(['stale', 100]);
  });

  it('does not ask for ever about a gap that the server does not close', async () => {
    const { line, heard } = await makeConnected();
    line.handlers.event(event(20));
    await line.answer({ kind: 'missed', events: [], numbers: { shop: 10 } });
    expect(line.asked).toHaveLength(2);
    line.handlers.event(event(21));
    expect(heard).toEqual(['stale', 21]);
  });

  it('says since when it is lost, and asks for what was missed when it is back', async () => {
    const { line, live, heard } = await makeConnected();
    line.handlers.event(event(11));
    line.handlers.disconnected();
    expect(live.status).toEqual({ state: 'lost', asOf: new Date('2026-11-21T12:04:00Z') });

    line.handlers.connected();
    expect(live.status.state).toBe('lost');
    expect(line.asked.at(-1)).toEqual({ shop: 11 });
    await line.answer({ kind: 'missed', events: [event(12)], numbers: { shop: 12 } });
    expect(live.status.state).toBe('live');
    expect(heard).toEqual([11, 12]);
  });

  it('takes no answer that was meant for an earlier connection', async () => {
    const { line, live, heard } = await makeConnected();
    line.handlers.disconnected();
    line.handlers.connected();
    line.handlers.disconnected();
    await line.answer({ kind: 'missed', events: [event(11)], numbers: { shop: 11 } });
    expect(live.status.state).toBe('lost');
    expect(heard).toEqual([]);
  });

  it('doubts the session and dials again when the server does not tell what was missed', async () => {
    const { line, heard } = makeLive();
    line.handlers.connected();
    await line.fail();
    expect(line.redials).toBe(1);
    expect(heard).toEqual(['refused']);
  });

  it('lets events without a number through at once', async () => {
    const { line, heard } = await makeConnected();
    line.handlers.event(event(null));
    expect(heard).toEqual([null]);
  });

  it('starts a feed that it has never heard of with whatever comes first', async () => {
    const { line, heard } = await makeConnected();
    line.handlers.event(event(1, 'new-project'));
    line.handlers.event(event(2, 'new-project'));
    expect(heard).toEqual([1, 2]);
    expect(line.asked).toHaveLength(1);
  });

  it('says when a room is entered, anew after each reconnect, and not of one that was left meanwhile', async () => {
    const { line, live, heard } = await makeConnected();
    live.join('task:1');
    const leave = live.join('task:2');
    leave();
    expect(heard).toEqual([]);
    await line.letIn();
    expect(heard).toEqual(['task:1']);
    line.handlers.disconnected();
    line.handlers.connected();
    await line.letIn();
    expect(heard).toEqual(['task:1', 'task:1']);
  });

  it('joins a room with the next connection if the line is cut before the server answers', async () => {
    const { line, live, heard } = makeLive();
    line.handlers.connected();
    live.join('task:1');
    await line.cut();
    line.handlers.connected();
    await line.letIn();
    expect(line.rooms).toEqual(['+task:1', '+task:1']);
    expect(heard).toEqual(['task:1']);
  });

  it('joins a room once for all who want it, leaves with the last, and joins again after a reconnect', async () => {
    const { line, live } = await makeConnected();
    const leaveFirst = live.join('task:1');
    const leaveSecond = live.join('task:1');
    expect(line.rooms).toEqual(['+task:1']);
    leaveFirst();
    leaveFirst();
    line.handlers.disconnected();
    line.handlers.connected();
    expect(line.rooms).toEqual(['+task:1', '+task:1']);
    leaveSecond();
    expect(line.rooms).toEqual(['+task:1', '+task:1', '-task:1']);
  });

  it('tells its watchers of each change until they stop watching', async () => {
    const { line, live } = makeLive();
    const seen: string[] = [];
    const unwatch = live.watch(() => seen.push(live.status.state));
    line.handlers.connected();
    await line.answer({ kind: 'required', numbers: {} });
    line.handlers.disconnected();
    line.handlers.disconnected();
    unwatch();
    line.handlers.connected();
    await line.answer({ kind: 'required', numbers: {} });
    expect(seen).toEqual(['live', 'lost']);
  });

  it('says so when the server does not know the session any more', async () => {
    const { line, live, heard } = await makeConnected();
    line.handlers.disconnected();
    line.handlers.refused();
    expect(heard).toEqual(['refused']);
    expect(live.status.state).toBe('lost');
  });

  it('hangs up when it is stopped, and takes no late answer', async () => {
    const { line, live, heard } = makeLive();
    line.handlers.connected();
    live.stop();
    await line.answer({ kind: 'required', numbers: { shop: 1 } });
    expect(line.closed).toBe(true);
    expect(heard).toEqual([]);
  });
});
