import { io, type Socket } from 'socket.io-client';
import type { FeedNumbers, LiveEvent, Resync } from './events';
import type { Line, LineHandlers } from './connection';

const ANSWER_WITHIN_MS = 5_000;

/** The line over Socket.IO: websocket only, signed in by the session's cookie. */
export class SocketLine implements Line {
  readonly #socket: Socket = io({
    transports: ['websocket'],
    autoConnect: false,
    reconnectionDelay: 300,
    reconnectionDelayMax: 4_000,
  });

  open(handlers: LineHandlers): void {
    this.#socket.on('connect', () => handlers.connected());
    this.#socket.on('disconnect', () => handlers.disconnected());
    this.#socket.on('connect_error', () => handlers.disconnected());
    this.#socket.onAny((kind: string, payload: unknown) => {
      if (kind.includes(':')) handlers.event(eventFrom(kind, payload));
    });
    this.#socket.connect();
  }

  close(): void {
    this.#socket.off();
    this.#socket.offAny();
    this.#socket.disconnect();
  }

  redial(): void {
    this.#socket.disconnect().connect();
  }

  async resync(numbers: FeedNumbers): Promise<Resync> {
    const answer: unknown = await this.#socket
      .timeout(ANSWER_WITHIN_MS)
      .emitWithAck('resync', { feeds: numbers });
    return resyncFrom(answer);
  }

  join(room: string): void {
    this.#socket.emit('join', { room });
  }

  leave(room: string): void {
    this.#socket.emit('leave', { room });
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

/** The answer to `resync`. Anything that cannot be read means: read everything anew. */
export function resyncFrom(answer: unknown): Resync {
  const { events, feeds, resyncRequired } = record(answer);
  const numbers = Object.fromEntries(
    Object.entries(record(feeds)).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
  if (!Array.isArray(events) || resyncRequired === true) return { kind: 'required', numbers };
  const missed = events.map((item: unknown) => {
    const { event, data } = record(item);
    return eventFrom(typeof event === 'string' ? event : '', data);
  });
  return { kind: 'missed', events: missed, numbers };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
