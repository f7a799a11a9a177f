import type { TFunction } from 'i18next';
import type { Group } from '@/shared/api/types';

export type GroupMove = 'promote' | 'rollback' | 'withdraw';

/** One plain sentence: what will happen, to what. `before`: the release that a rollback goes back to. */
export function promiseOf(
  move: GroupMove,
  group: Group,
  before: number | null,
  t: TFunction,
  language: string,
): string {
  const names = group.tasks.map((task) => task.key);
  const values = {
    count: names.length,
    number: group.number,
    tag: group.tag,
    before: before === null ? t('ship.whatRanBefore') : t('ship.releaseBefore', { number: before }),
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
