import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Module } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';
import { duration } from '@/shared/format/time';
import { Section } from '@/shared/ui/Section';
import { TimeAgo } from '@/shared/ui/Time';

/** The figures of a module as they are now. `actions`: what can be changed about them. */
export function ModuleFacts({ module, actions }: { module: Module; actions?: ReactNode }) {
  const { t, i18n } = useTranslation();
  const share = (value: number | null) =>
    value === null ? t('module.unmeasured') : percent(value / 100, i18n.language);
  const { running = 0, queued = 0, maxConcurrent: most } = module;
  const facts: [string, ReactNode][] = [
    [
      t('module.inHand'),
      most === null
        ? t('module.inHandAll', { running, queued })
        : t('module.inHandOf', { running, most, queued }),
    ],
    [
      t('module.perMinute'),
      module.maxPerMinute ? t('module.atMost', { count: module.maxPerMinute }) : t('module.noLimit'),
    ],
    [t('module.successDay'), share(module.successRate24h)],
    [t('module.uptimeDay'), share(module.uptimePercentage24h)],
    [t('module.errorsDay'), module.errorCount24h.toLocaleString(i18n.language)],
    [t('module.mean'), module.avgProcessingTimeMs > 0 ? duration(module.avgProcessingTimeMs) : '–'],
    [
      t('module.total'),
      t('module.totalText', {
        count: module.totalRobotsProcessed,
        hours: module.totalProcessingTimeHours.toLocaleString(i18n.language, { maximumFractionDigits: 1 }),
      }),
    ],
    [t('module.seen'), module.lastSeenAt ? <TimeAgo at={module.lastSeenAt} /> : t('module.never')],
    [
      t('module.checked'),
      module.lastHealthCheck ? <TimeAgo at={module.lastHealthCheck} /> : t('module.never'),
    ],
    [t('module.speaks'), t('module.apiVersion', { version: module.apiVersion })],
    [t('module.endpoint'), module.healthEndpoint ?? t('module.noEndpoint')],
    [t('module.registered'), <TimeAgo key="registered" at={module.registeredAt} />],
  ];
  return (
    <Section
      title={t('module.facts')}
      text={
        module.lastPerformanceCheck ? (
          <>
            {t('module.counted')} <TimeAgo at={module.lastPerformanceCheck} />
          </>
        ) : (
          t('module.notCounted')
        )
      }
      actions={actions}
    >
      <dl className="grid gap-x-8 px-4 py-2 text-list wide:grid-cols-2">
        {facts.map(([label, value]) => (
          <div key={label} className="grid grid-cols-[minmax(0,150px)_minmax(0,1fr)] gap-x-4 py-1.5">
            <dt className="text-muted">{label}</dt>
            <dd className="[overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
