import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Batch, RobotStatus } from '@/shared/api/types';
import { duration } from '@/shared/format/time';
import { percent } from '@/shared/format/numbers';
import { Section } from '@/shared/ui/Section';
import { Elapsed } from '@/shared/ui/Time';
import { useTicking } from '@/shared/ui/now';
import { BatchBar } from './BatchBar';
import { isUnderWay, partsOf, ratePerMinute } from './progress';

interface BatchProgressProps {
  batch: Batch;
  /** A robot's status as picture and word. */
  state: (status: RobotStatus) => ReactNode;
  /** Leads to the robots of this status. */
  robotsLink: (status: RobotStatus, text: string) => ReactNode;
}

/** How far a batch is: its bar, how many go how, how fast, and when it will be done. */
export function BatchProgress({ batch, state, robotsLink }: BatchProgressProps) {
  const { t, i18n } = useTranslation();
  const number = (value: number) => value.toLocaleString(i18n.language);
  const said = t('batches.doneOf', { done: number(batch.done), total: number(batch.total) });
  return (
    <Section title={t('batches.parts')}>
      <div className="flex flex-col gap-3 px-4 py-4">
        <p className="flex flex-wrap items-baseline justify-between gap-x-4">
          <span className="text-title font-semibold tabular-nums">
            {percent(batch.progressPercentage / 100, i18n.language)}
          </span>
          <span className="text-list text-muted tabular-nums">{said}</span>
        </p>
        <div
          role="progressbar"
          aria-label={said}
          aria-valuenow={batch.progressPercentage}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <BatchBar batch={batch} className="h-3" />
        </div>
        <ul className="flex flex-wrap gap-x-5 gap-y-1.5 text-list">
          {partsOf(batch).map((part) => (
            <li key={part.status} className="flex items-center gap-2">
              {state(part.status)}
              <span className="tabular-nums">{robotsLink(part.status, number(part.number))}</span>
            </li>
          ))}
        </ul>
      </div>
      <Figures batch={batch} />
    </Section>
  );
}

function Figures({ batch }: { batch: Batch }) {
  const { t, i18n } = useTranslation();
  const rate = useTicking((now) => {
    const perMinute = ratePerMinute(batch, now);
    if (perMinute === null) return '–';
    const most = { maximumFractionDigits: perMinute < 10 ? 1 : 0 };
    return t('batches.perMinute', { rate: perMinute.toLocaleString(i18n.language, most) });
  });
  const left = useTicking((now) => {
    if (!batch.estimatedCompletionAt) return '–';
    return duration(Math.max(0, Date.parse(batch.estimatedCompletionAt) - now.getTime()));
  });
  return (
    <dl className="grid grid-cols-2 divide-line text-list desk:grid-cols-4 desk:divide-x">
      <Figure label={t('batches.rate')}>{rate}</Figure>
      <Figure label={t('batches.average')}>
        {batch.averageMs === null ? '–' : duration(batch.averageMs)}
      </Figure>
      {isUnderWay(batch) ? (
        <Figure label={t('batches.left')}>{batch.startedAt ? left : t('batches.notBegun')}</Figure>
      ) : (
        <Figure label={t('batches.ended')}>
          {batch.startedAt && batch.completedAt ? (
            <Elapsed from={batch.startedAt} to={batch.completedAt} />
          ) : (
            '–'
          )}
        </Figure>
      )}
      <Figure label={t('batches.cacheHits')}>{batch.cacheHits.toLocaleString(i18n.language)}</Figure>
    </dl>
  );
}

function Figure(props: { label: string; children: ReactNode }) {
  return (
    <div className={clsx('flex flex-col gap-0.5 px-4 py-3')}>
      <dt className="text-small text-faint">{props.label}</dt>
      <dd className="font-medium">{props.children}</dd>
    </div>
  );
}
