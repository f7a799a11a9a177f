import type { Key, Scope } from '@/shared/api/types';

export const SCOPES = ['member', 'maintainer', 'admin', 'agent', 'module', 'read'] as const satisfies Scope[];

export type KeyStanding = 'live' | 'expired' | 'revoked';

/** Whether a key opens anything now. */
export function standingOf(key: Pick<Key, 'expiresAt' | 'revokedAt'>, now: Date): KeyStanding {
  if (key.revokedAt) return 'revoked';
  return key.expiresAt && new Date(key.expiresAt) <= now ? 'expired' : 'live';
}

export const EXPIRIES = { never: null, week: 7, month: 30, quarter: 90, year: 365 } as const;
export type Expiry = keyof typeof EXPIRIES;

/** The moment at which a key that is made now ends; null: never. */
export function endOf(expiry: Expiry, now: Date): string | null {
  const days = EXPIRIES[expiry];
  return days === null ? null : new Date(now.getTime() + days * 86_400_000).toISOString();
}

/** The names in a text, which commas or spaces part; null: none. */
export function namesIn(text: string): string[] | null {
  const names = text.split(/[,\s]+/).filter(Boolean);
  return names.length > 0 ? names : null;
}
