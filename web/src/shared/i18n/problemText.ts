import type { TFunction } from 'i18next';
import { Problem } from '@/shared/api/problem';
import { refusalText } from './told';

const TRANSLATED = [
  'unreachable',
  'denied',
  'permission_missing',
  'unauthenticated',
  'limited',
  'too_large',
  'unexpected_answer',
] as const;

/** One sentence about what went wrong: ours where there is one for the code, else the server's own. */
export function problemText(error: unknown, t: TFunction): string {
  if (!(error instanceof Problem)) return t('problem.unexpected_answer');
  const code = TRANSLATED.find((known) => known === error.code);
  return code ? t(`problem.${code}`) : (refusalText(error, t) ?? error.message);
}
