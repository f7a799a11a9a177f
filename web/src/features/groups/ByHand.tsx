import clsx from 'clsx';
import { CornerDownRight, TriangleAlert } from 'lucide-react';
import type { CommitsByHand } from '@/shared/api/types';
import { useTranslation } from '@/shared/i18n/translation';
import { Commit } from '@/shared/ui/Commit';

/** What people committed to the default branch themselves: it goes to staging with a release, or is left out of it. */
export function ByHand({ runs }: { runs: readonly CommitsByHand[] }) {
  const { t, i18n } = useTranslation();
  const list = new Intl.ListFormat(i18n.language);
  if (runs.length === 0) return null;
  const fateOf = ({ leftOut, conflictFiles, stagingCommit }: CommitsByHand) => {
    if (leftOut && conflictFiles.length > 0)
      return t('ship.leftOutConflict', { files: list.format(conflictFiles) });
    if (leftOut) return t('ship.leftOutMixed');
    return stagingCommit ? t('ship.wentAlong') : t('ship.goesAlong');
  };
  return (
    <section className="flex flex-col gap-1 text-list">
      <h4 className="text-small text-faint">{t('ship.byHand')}</h4>
      <ul className="flex flex-col gap-1.5">
        {runs.map((run) => {
          const Icon = run.leftOut ? TriangleAlert : CornerDownRight;
          return (
            <li
              key={run.until}
              className={clsx('flex items-start gap-2', run.leftOut ? 'text-input' : 'text-muted')}
            >
              <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
              <span className="min-w-0 break-words">
                <Commit commit={run.until} />{' '}
                {t('ship.byHandRun', { count: run.count, subject: run.subject, author: run.author })}{' '}
                {fateOf(run)}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
