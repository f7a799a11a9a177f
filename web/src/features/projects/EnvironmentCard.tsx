import { ExternalLink } from 'lucide-react';
import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import type { Environment } from '@/shared/api/types';
import { Commit } from '@/shared/ui/Commit';
import { TimeAgo } from '@/shared/ui/Time';
import { healthOf } from './health';

const HEALTH_COLORS = {
  healthy: 'text-approved',
  starting: 'text-progress',
  degraded: 'text-input',
  unhealthy: 'text-failed',
  unknown: 'text-faint',
} as const;

/** What runs in one environment: commit, release, health, address, since when. */
export function EnvironmentCard(props: { environment: Environment }) {
  const { t } = useTranslation();
  const { commit, groupNumber, health, since, url } = props.environment;
  const state = healthOf(health ?? null);
  return (
    <div className="flex min-w-0 flex-col gap-2 rounded-card border border-line bg-surface px-4 py-3">
      {commit ? (
        <>
          <p className="flex flex-wrap items-baseline gap-x-2 text-body">
            {typeof groupNumber === 'number' && (
              <strong className="font-semibold">{t('ship.release', { number: groupNumber })}</strong>
            )}
            <Commit commit={commit} className="text-muted" />
            {since && <TimeAgo at={since} className="text-small text-faint" />}
          </p>
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-list">
            <span className={clsx('inline-flex items-center gap-1.5', HEALTH_COLORS[state])}>
              <span aria-hidden className="size-2 rounded-full bg-current" />
              {t(`ship.healthState.${state}`)}
            </span>
            <a
              href={url}
              target="_blank"
              rel="noreferrer"
              className="inline-flex min-w-0 items-center gap-1 text-link underline-offset-2 hover:underline"
            >
              <span className="truncate">{url.replace(/^https?:\/\//, '')}</span>
              <ExternalLink aria-hidden className="size-3.5 shrink-0" />
            </a>
          </p>
        </>
      ) : (
        <p className="text-list text-muted">{t('ship.nothingRuns')}</p>
      )}
    </div>
  );
}
