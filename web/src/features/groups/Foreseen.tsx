import { TriangleAlert } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { saying } from '@/shared/i18n/told';
import type { GroupCheck } from '@/shared/api/types';
import { ByHand } from './ByHand';

/** What would stand in the way of a release, and what would go along with it, before anything is shipped. */
export function Foreseen({ check }: { check: GroupCheck }) {
  return (
    <>
      <Hindrances check={check} />
      <ByHand runs={check.byHand} />
    </>
  );
}

function Hindrances({ check }: { check: GroupCheck }) {
  const { t, i18n } = useTranslation();
  const list = new Intl.ListFormat(i18n.language);
  if (check.shippable) return null;
  return (
    <ul role="status" aria-label={t('ship.foreseen')} className="flex flex-col gap-1.5 text-list">
      {check.missing.map(({ task, problem, told }) => (
        <li key={`${task} ${problem}`} className="flex items-start gap-2 text-input">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 break-words">
            {task} {saying(problem, told, t)}
          </span>
        </li>
      ))}
      {check.conflicts.map(({ task, beside, files }) => (
        <li key={`${task} ${beside ?? ''}`} className="flex items-start gap-2 text-failed">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 break-words">
            {beside
              ? t('ship.wouldConflict', { key: task, other: beside, files: list.format(files) })
              : t('ship.wouldConflictStaging', { key: task, files: list.format(files) })}
          </span>
        </li>
      ))}
    </ul>
  );
}
