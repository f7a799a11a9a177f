/** What can be looked back at, in hours. */
export const RANGES = { hour: 1, day: 24, month: 720 } as const;
export type Range = keyof typeof RANGES;

/** Reads a range that may have been typed by hand: a day unless it is known. */
export function readRange(search: Record<string, unknown>): { range?: Range } {
  const { range } = search;
  return range === 'hour' || range === 'month' ? { range } : {};
}
