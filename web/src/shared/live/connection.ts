import type { FeedNumbers, LiveEvent, Resync } from './events';
import { FeedBook } from './feeds';

/** The little that is asked of a transport. `socket.ts` fills it; tests fill it by hand. */
export interface Line {
  open(handlers: LineHandlers): void;
  close(): void;
  /** Hang up and dial again. */
  redial(): void;
  /** What was missed since these numbers. Rejects when no answer comes in time. */
  resync(numbers: FeedNumbers): Promise<Resync>;
  /** Fulfilled when the server has us in the room; rejects when the line is cut before that. */
  join(room: string): Promise<void>;
  leave(room: string): void;
}

export interface LineHandlers {
  connected(): void;
  /** The server answered, but not with a connection. */
  refused(): void;
  disconnected(): void;
  event(event: LiveEvent): void;
}

/** `live`: what is shown is what is. `lost`: it was right at `asOf`. */
export type LiveStatus = { state: 'connecting' } | { state: 'live' } | { state: 'lost'; asOf: Date };

export interface LiveListener {
  /** News, in the order of their feeds. */
  events(events: readonly LiveEvent[]): void;
  /** Nothing that was read before can be trusted. */
  stale(): void;
  /** A room's events arrive from now on; what was read of it before may miss some. */
  joined(room: string): void;
  /** The server did not let us listen; perhaps the session has ended. */
  refused(): void;
}

/**
 * Keeps a line to the server and hands on events exactly once and in order, whatever happens to the line.
 *
 * Each feed is numbered. A missing number, or a new connection, makes it ask for what was missed; what arrives while it
 * waits for the answer is kept. When the server cannot tell any more, everything is declared stale.
 */
export class LiveConnection {
  readonly #book = new FeedBook();
  readonly #rooms = new Map<string, number>();
  readonly #watchers = new Set<() => void>();
  #status: LiveStatus = { state: 'connecting' };
  #connected = false;
  #syncing = false;
  #kept: LiveEvent[] = [];
  // Counts connections, so that an answer meant for an earlier one is not taken.
  #connection = 0;

  constructor(
    private readonly line: Line,
    private readonly listener: LiveListener,
    private readonly now: () => Date = () => new Date(),
    /** Where the feeds stood before anything was read: then only what came since is asked for. */
    known: FeedNumbers = {},
  ) {
    this.#book.catchUp(known);
  }

  get status(): LiveStatus {
    return this.#status;
  }

  start(): void {
    this.line.open({
      connected: () => this.#onConnected(),
      disconnected: () => this.#onDisconnected(),
      refused: () => this.listener.refused(),
      event: (event) => this.#onEvent(event),
    });
  }

  stop(): void {
    this.#connection += 1;
    this.line.close();
  }

  /** Calls back at each change of the status. Returns how to stop that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Asks for progress and log lines of one task, robot or project too. Returns how to end it. */
  join(room: string): () => void {
    const users = this.#rooms.get(room) ?? 0;
    this.#rooms.set(room, users + 1);
    if (users === 0 && this.#connected) void this.#enter(room);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave(room);
    };
  }

  async #enter(room: string): Promise<void> {
    const connection = this.#connection;
    try {
      await this.line.join(room);
    } catch {
      // The line was cut meanwhile; every room is joined again with the next connection.
      return;
    }
    if (connection === this.#connection && this.#rooms.has(room)) this.listener.joined(room);
  }

  #leave(room: string): void {
    const users = (this.#rooms.get(room) ?? 0) - 1;
    if (users > 0) {
      this.#rooms.set(room, users);
      return;
    }
    this.#rooms.delete(room);
    if (this.#connected) this.line.leave(room);
  }

  #onConnected(): void {
    this.#connection += 1;
    this.#connected = true;
    this.#kept = [];
    for (const room of this.#rooms.keys()) void this.#enter(room);
    void this.#sync();
  }

  #onDisconnected(): void {
    this.#connection += 1;
    this.#connected = false;
    this.#syncing = false;
    if (this.#status.state !== 'lost') this.#setStatus({ state: 'lost', asOf: this.now() });
  }

  #onEvent(event: LiveEvent): void {
    if (this.#syncing) this.#kept.push(event);
    else this.#take([event]);
  }

  #take(events: readonly LiveEvent[]): void {
    const news: LiveEvent[] = [];
    for (const [index, event] of events.entries()) {
      const verdict = this.#judge(event);
      if (verdict === 'next') news.push(event);
      if (verdict === 'gap') {
        this.#kept = events.slice(index);
        break;
      }
    }
    if (news.length > 0) this.listener.events(news);
    if (this.#kept.length > 0) void this.#sync();
  }

  /** Takes what arrived while we asked the server. A gap that its answer did not close is not asked for again. */
  #takeKept(): void {
    const kept = this.#kept;
    this.#kept = [];
    const judged = kept.map((event) => ({ event, verdict: this.#judge(event) }));
    const beyond = judged.filter(({ verdict }) => verdict === 'gap');
    for (const { feed, number } of beyond.map(({ event }) => event)) {
      if (feed !== null && number !== null) this.#book.catchUp({ [feed]: number });
    }
    if (beyond.length > 0) this.listener.stale();
    const news = judged.filter(({ verdict }) => verdict === 'next').map(({ event }) => event);
    if (news.length > 0) this.listener.events(news);
  }

  #judge(event: LiveEvent) {
    // Progress and log lines have no number: they may be lost. What was kept of them is read when a room is entered.
    if (event.feed === null || event.number === null) return 'next';
    return this.#book.read(event.feed, event.number);
  }

  async #sync(): Promise<void> {
    const connection = this.#connection;
    this.#syncing = true;
    let answer: Resync;
    try {
      answer = await this.line.resync(this.#book.numbers);
    } catch {
      if (connection !== this.#connection) return;
      this.listener.refused();
      this.line.redial();
      return;
    }
    if (connection !== this.#connection) return;

    const first = this.#book.isEmpty;
    if (answer.kind === 'missed' && !first) {
      const missed = answer.events.filter((event) => this.#judge(event) !== 'old');
      if (missed.length > 0) this.listener.events(missed);
      this.#book.catchUp(answer.numbers);
    } else {
      this.#book.startOver(answer.numbers);
      this.listener.stale();
    }
    this.#syncing = false;
    this.#takeKept();
    this.#setStatus({ state: 'live' });
  }

  #setStatus(status: LiveStatus): void {
    this.#status = status;
    for (const watcher of this.#watchers) watcher();
  }
}
