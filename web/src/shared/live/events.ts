/** One event of the server's outbox. `feed` is a project's id or "system"; numbers count without gaps within a feed. */
export interface LiveEvent {
  kind: string;
  data: Readonly<Record<string, unknown>>;
  feed: string | null;
  number: number | null;
}

/** The last number seen of each feed. */
export type FeedNumbers = Readonly<Record<string, number>>;

/** The answer to "what did I miss since these numbers": the events, or that they are gone and all must be read anew. */
export type Resync =
  { kind: 'missed'; events: LiveEvent[]; numbers: FeedNumbers } | { kind: 'required'; numbers: FeedNumbers };

/** A text field of an event; undefined if it is absent or something else. */
export function text(event: LiveEvent, field: string): string | undefined {
  const value = event.data[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A number field of an event; undefined if it is absent or something else. */
export function count(event: LiveEvent, field: string): number | undefined {
  const value = event.data[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
