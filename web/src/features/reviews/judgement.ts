import type { TFunction } from 'i18next';
import type { Judge, Review } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';

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

// How the server masks what is sensitive.
const MASK = '•••';

/** Whether something of a result is hidden from whoever looks at it. */
export function isMasked(result: Record<string, unknown>): boolean {
  return shown(result).includes(MASK);
}

/** What a result is short of, with what it says of itself and what its type wants. */
export function shortOf(
  review: Review,
): { of: 'completeness' | 'confidence'; score: number | null; least: number }[] {
  const wanted = [
    { of: 'completeness', score: review.completenessScore, least: review.requiredCompleteness },
    { of: 'confidence', score: review.confidenceScore, least: review.requiredConfidence },
  ] as const;
  return wanted.flatMap(({ of, score, least }) =>
    typeof least === 'number' && (score ?? 0) < least ? [{ of, score, least }] : [],
  );
}

/** Why a person looks at a result first: "Sure to 50%, at least 90% wanted". */
export function reasonOf(review: Review, t: TFunction, language: string): string {
  const said = shortOf(review)
    .map(({ of, score, least }) =>
      t(`reviews.${score === null ? 'untold' : 'short'}.${of}`, {
        score: percent(score, language),
        least: percent(least, language),
      }),
    )
    .join('; ');
  return said ? `${said.slice(0, 1).toUpperCase()}${said.slice(1)}` : review.why;
}

/** A result as people read and correct it. */
export function shown(result: Record<string, unknown>): string {
  return JSON.stringify(result, null, 2);
}
