import type { TFunction } from 'i18next';
import type { Module } from '@/shared/api/types';
import { exact } from '@/shared/format/time';
import { saying } from '@/shared/i18n/told';

/** Whether its program does not run and nobody misses it: neither well nor ill. */
export function isAtRest({ healthStatus, silent }: Pick<Module, 'healthStatus' | 'silent'>): boolean {
  return silent === true && healthStatus === 'UNKNOWN';
}

/** What is wrong with a module, in a sentence; null if it is well. One without a health end point can only be silent. */
export function troubleOf(module: Module, t: TFunction, language: string): string | null {
  if (module.healthStatus === 'HEALTHY') return null;
  if (module.silent && module.lastSeenAt) {
    const at = exact(new Date(module.lastSeenAt), language);
    return isAtRest(module) ? t('module.atRest', { at }) : t('module.silent', { at });
  }
  return saying(module.lastErrorMessage, module.lastErrorMessageTold, t);
}
