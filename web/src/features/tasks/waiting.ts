import type { TFunction } from 'i18next';
import type { Task } from '@/shared/api/types';
import { saying } from '@/shared/i18n/told';

/** Why a task waits, in one line; null if it does not. */
export function waitingText(
  { waiting, waitingCode, waitingDetails }: Pick<Task, 'waiting' | 'waitingCode' | 'waitingDetails'>,
  t: TFunction,
): string | null {
  return saying(waiting, waitingCode ? { code: waitingCode, values: waitingDetails ?? {} } : null, t);
}
