const KNOWN = ['healthy', 'starting', 'degraded', 'unhealthy'] as const;

export type Health = (typeof KNOWN)[number] | 'unknown';

/** The health that a runtime reports, in any spelling, as one of the few that the page has a colour for. */
export function healthOf(reported: string | null): Health {
  const word = reported?.toLowerCase() ?? '';
  return KNOWN.find((known) => known === word) ?? 'unknown';
}
