import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { ExternalLink } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { Neighbours } from '@/features/health/Neighbours';
import { healthQuery } from '@/features/health/queries';
import type { Health } from '@/shared/api/types';
import { meQuery } from '@/shared/session';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section, SectionRow } from '@/shared/ui/Section';
import { Skeleton } from '@/shared/ui/Skeleton';
import { TimeAgo } from '@/shared/ui/Time';

const COLORS = { ok: 'text-approved', degraded: 'text-input', unavailable: 'text-failed' } as const;
type Status = keyof typeof COLORS;

/** Version and health of the server, in words, and where programs find its interface. */
export function AboutPart() {
  const { t } = useTranslation();
  const health = useQuery(healthQuery);
  const { data: me } = useQuery(meQuery);
  if (!health.data) {
    if (health.isError) return <LoadProblem error={health.error} onRetry={() => void health.refetch()} />;
    return <Skeleton className="h-72 rounded-card" />;
  }
  return (
    <Section title={t('settings.part.about')} text={t('settings.about.text')}>
      <SectionRow label="AiWorker" hint={`${t('settings.about.version')} ${health.data.version}`}>
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className={clsx('font-medium', COLORS[statusOf(health.data)])}>
            {t(`settings.about.status.${statusOf(health.data)}`)}
          </span>
          <TimeAgo at={health.data.timestamp} className="text-small text-faint" />
        </p>
      </SectionRow>
      {health.data.checks && (
        <SectionRow label={t('settings.about.neighbours')}>
          <Neighbours checks={health.data.checks} />
        </SectionRow>
      )}
      <SectionRow label={t('settings.about.address')}>
        <code className="font-mono text-small break-all">{location.origin}</code>
      </SectionRow>
      {me && (
        <SectionRow label={t('settings.about.you')}>
          <p>{t('settings.about.youText', { name: me.name, scope: me.scope })}</p>
        </SectionRow>
      )}
      <SectionRow label={t('settings.about.docs')} hint={t('settings.about.docsText')}>
        <a
          href="/api/docs"
          target="_blank"
          rel="noreferrer"
          className="inline-flex items-center gap-1 self-start text-link underline-offset-2 hover:underline"
        >
          {t('settings.about.openDocs')}
          <ExternalLink aria-hidden className="size-3.5" />
        </a>
      </SectionRow>
    </Section>
  );
}

function statusOf({ status }: Health): Status {
  return status in COLORS ? (status as Status) : 'degraded';
}
