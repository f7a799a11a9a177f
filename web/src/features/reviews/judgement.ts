import type { Judge } from '@/shared/api/types';

export type Judgement = { said: Judge } | { unreadable: true };

/**
 * What accepting says: the result as it is if nothing was changed, else as it was corrected. What is no JSON object is
 * unreadable.
 */
export function accepting(before: Record<string, unknown>, text: string, comment: string): Judgement {
  const more = comment.trim() && { comment: comment.trim() };
  if (text === shown(before)) return { said: { decision: 'accept', ...more } };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { said: { decision: 'accept', outputData: value as Record<string, unknown>, ...more } };
    }
  } catch {
    // Said below.
  }
  return { unreadable: true };
}

/** A result as people read and correct it. */
export function shown(result: Record<string, unknown>): string {
  return JSON.stringify(result, null, 2);
}
