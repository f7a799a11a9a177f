import clsx from 'clsx';
import { CircleCheck, CircleX, Clock3, type LucideIcon } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { CommitChecks } from '@/shared/api/types';

const LOOKS: Record<CommitChecks['state'], { icon: LucideIcon; color: string }> = {
  success: { icon: CircleCheck, color: 'text-approved' },
  failure: { icon: CircleX, color: 'text-failed' },
  pending: { icon: Clock3, color: 'text-muted' },
};

/** What machines say of the task's commit: each check with what it found, and where to read more. */
export function Checks({ found }: { found: CommitChecks }) {
  const { t } = useTranslation();
  if (found.checks.length === 0) return <span className="text-muted">{t('task.check.none')}</span>;
  return (
    <ul className="flex flex-col gap-1">
      {found.checks.map(({ context, state, description, url }) => {
        const { icon: Icon, color } = LOOKS[state];
        const linked = url && /^https?:/.test(url);
        return (
          <li key={context} className="flex flex-wrap items-baseline gap-x-2">
            <span className={clsx('inline-flex items-center gap-1.5', color)}>
              <Icon aria-hidden className="size-3.5 self-center" />
              {t(`task.check.${state}`)}
            </span>
            {linked ? (
              <a
                href={url}
                target="_blank"
                rel="noreferrer"
                className="text-link underline-offset-2 wrap-anywhere hover:underline"
              >
                {context}
              </a>
            ) : (
              <span className="wrap-anywhere">{context}</span>
            )}
            {description && <span className="text-muted wrap-anywhere">{description}</span>}
          </li>
        );
      })}
    </ul>
  );
}
