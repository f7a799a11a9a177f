import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import type { RobotCounts, RobotStatus } from '@/shared/api/types';
import { ROBOT_STATUSES } from './filters';
import { LOOKS } from './RobotState';

interface StatusTabsProps {
  chosen: RobotStatus | undefined;
  /** How many there are of each; undefined while that is not known. */
  counts: RobotCounts | undefined;
  onChoose: (status: RobotStatus | undefined) => void;
}

/** Robots by how they go, with how many there are of each. */
export function StatusTabs({ chosen, counts, onChoose }: StatusTabsProps) {
  const { t, i18n } = useTranslation();
  const said = (status: RobotStatus) => {
    const number = counts?.byStatus[status];
    if (counts === undefined || number === undefined) return null;
    return `${number.toLocaleString(i18n.language)}${number >= counts.most ? '+' : ''}`;
  };
  const tabs = [undefined, ...ROBOT_STATUSES];
  return (
    <div
      role="group"
      aria-label={t('automation.filter.status')}
      className="-mx-4 flex shrink-0 gap-1 overflow-x-auto px-4 [scrollbar-width:none]"
    >
      {tabs.map((status) => {
        const Icon = status && LOOKS[status].icon;
        const number = status && said(status);
        return (
          <button
            key={status ?? 'all'}
            type="button"
            aria-pressed={chosen === status}
            onClick={() => onChoose(status)}
            className="flex h-8 shrink-0 items-center gap-1.5 rounded-control border border-transparent px-2.5 text-list whitespace-nowrap text-muted transition-colors hover:bg-hover hover:text-ink aria-pressed:border-line-strong aria-pressed:bg-surface aria-pressed:font-medium aria-pressed:text-ink max-desk:h-10"
          >
            {Icon && <Icon aria-hidden className={clsx('size-4', LOOKS[status].color)} />}
            {status ? t(`automation.status.${status}`) : t('automation.filter.all')}
            {number && <span className="font-normal text-faint tabular-nums">{number}</span>}
          </button>
        );
      })}
    </div>
  );
}
