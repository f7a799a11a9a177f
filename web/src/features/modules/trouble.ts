import type { TFunction } from 'i18next';
import type { Module } from '@/shared/api/types';
import { exact } from '@/shared/format/time';
import { saying } from '@/shared/i18n/told';

/** What is wrong with a module, in a sentence; null if it is well. One without a health end point can only be silent. */
export function troubleOf(module: Module, t: TFunction, language: string): string | null {
  if (module.healthStatus === 'HEALTHY') return null;
  if (module.lastErrorMessage && !module.healthEndpoint && module.lastSeenAt) {
    return t('module.silent', { at: exact(new Date(module.lastSeenAt), language) });
  }
  return saying(module.lastErrorMessage, module.lastErrorMessageTold, t);
}
