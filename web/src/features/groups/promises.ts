import type { TFunction } from 'i18next';
import type { Group } from '@/shared/api/types';

export type GroupMove = 'promote' | 'rollback' | 'withdraw';

/** One plain sentence: what will happen, to what. */
export function promiseOf(move: GroupMove, group: Group, t: TFunction, language: string): string {
  const names = group.tasks.map((task) => task.key);
  const values = {
    count: names.length,
    number: group.number,
    tag: group.tag,
    keys: new Intl.ListFormat(language).format(names),
  };
  switch (move) {
    case 'promote':
      return t('ship.willPromote', values);
    case 'withdraw':
      return t('ship.willWithdraw', values);
    case 'rollback':
      return group.status === 'production'
        ? t('ship.willRollbackProduction', values)
        : t('ship.willRollbackStaging', values);
  }
}
