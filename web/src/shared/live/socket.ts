import { io, type Socket } from 'socket.io-client';
import type { Line, LineHandlers } from './connection';
import type { FeedNumbers, LiveEvent, Resync } from './events';

const ANSWER_WITHIN_MS = 5_000;
const DIAL_AGAIN_AFTER_MS = 1_500;

/** The line over Socket.IO: websocket only, signed in by the session's cookie. */
export class SocketLine implements Line {
  readonly #socket: Socket = io({
    transports: ['websocket'],
    autoConnect: false,
    reconnectionDelay: 300,
    reconnectionDelayMax: 4_000,
  });
  #redial: ReturnType<typeof setTimeout> | undefined;

  open(handlers: LineHandlers): void {
    this.#socket.on('connect', () => handlers.connected());
    this.#socket.on('disconnect', () => {
      handlers.disconnected();
      this.#dialUnlessActive();
    });
    this.#socket.on('connect_error', (error: Error & { data?: unknown }) => {
      handlers.disconnected();
      // Only the server's own refusal carries a code; a line that is down does not.
      if (typeof record(error.data)['code'] === 'string') handlers.refused();
      this.#dialUnlessActive();
    });
    this.#socket.onAny((kind: string, payload: unknown) => {
      if (kind.includes(':')) handlers.event(eventFrom(kind, payload));
    });
    this.#socket.connect();
  }

  close(): void {
    clearTimeout(this.#redial);
    this.#socket.off();
    this.#socket.offAny();
    this.#socket.disconnect();
  }

  redial(): void {
    this.#socket.disconnect();
  }

  async resync(numbers: FeedNumbers): Promise<Resync> {
    const answer: unknown = await this.#socket
      .timeout(ANSWER_WITHIN_MS)
      .emitWithAck('resync', { feeds: numbers });
    return resyncFrom(answer);
  }

  async join(room: string): Promise<void> {
    await this.#socket.emitWithAck('join', { room });
  }

  leave(room: string): void {
    this.#socket.emit('leave', { room });
  }

  // The library dials again by itself after a lost line, but not after the server or we have hung up.
  #dialUnlessActive(): void {
    if (this.#socket.active) return;
    clearTimeout(this.#redial);
    this.#redial = setTimeout(() => this.#socket.connect(), DIAL_AGAIN_AFTER_MS);
  }
}

/** An event as it came in. What is not there, or not of the right type, is left out. */
export function eventFrom(kind: string, payload: unknown): LiveEvent {
  const { feed, number, ...rest } = record(payload);
  return {
    kind,
    data: rest,
    feed: typeof feed === 'string' ? feed : null,
    number: typeof number === 'number' ? number : null,
  };
}

/** The answer to `resync`. Throws if the server refused to answer. */
export function resyncFrom(answer: unknown): Resync {
  const { success, events, feeds, resyncRequired } = record(answer);
  if (success !== true || !Array.isArray(events)) throw new Error('The server did not tell what was missed.');
  const numbers = Object.fromEntries(
    Object.entries(record(feeds)).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
  if (resyncRequired === true) return { kind: 'required', numbers };
  const missed = events.map((item: unknown) => {
    const { event, data } = record(item);
    return eventFrom(typeof event === 'string' ? event : '', data);
  });
  return { kind: 'missed', events: missed, numbers };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
