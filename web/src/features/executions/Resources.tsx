import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Execution } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';
import { duration } from '@/shared/format/time';
import { TimeAgo } from '@/shared/ui/Time';
import { type Figure, type FigureName, figuresOf } from './figures';

const UNITS: Record<Exclude<FigureName, 'cpu'>, string> = {
  memory: 'MB',
  disk: 'MB',
  network: 'MB',
  throughput: '/s',
  calls: '',
};

/** What a try used, what it asked of others, and what it saved for the next one. */
export function Resources({ execution }: { execution: Execution }) {
  const { t, i18n } = useTranslation();
  const number = (value: number) => value.toLocaleString(i18n.language, { maximumFractionDigits: 1 });
  const unit = (name: FigureName, value: number) =>
    name === 'cpu' ? percent(value / 100, i18n.language, 1) : `${number(value)}\u00a0${UNITS[name]}`.trim();
  const said = ({ name, value, peak }: Figure): string => {
    const now = unit(name, value);
    if (name === 'calls') {
      const failures = execution.externalApiFailures;
      const took = t('execution.callsTook', { took: duration(execution.externalApiDurationMs) });
      return `${now} · ${took}${failures > 0 ? ` · ${t('execution.callsFailed', { count: failures })}` : ''}`;
    }
    return peak === null ? now : `${now} · ${t('execution.peak', { peak: unit(name, peak) })}`;
  };
  const facts: [string, ReactNode][] = figuresOf(execution).map((figure) => [
    t(`execution.figure.${figure.name}`),
    said(figure),
  ]);
  if (execution.pausedMs > 0) facts.push([t('execution.paused'), duration(execution.pausedMs)]);
  if (execution.checkpointAt) {
    facts.push([t('execution.checkpoint'), <TimeAgo key="checkpoint" at={execution.checkpointAt} />]);
  }
  if (facts.length === 0) return null;
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-1 border-t border-line pt-2 text-small">
      {facts.map(([label, value]) => (
        <div key={label} className="flex gap-1.5">
          <dt className="text-faint">{label}</dt>
          <dd className="text-muted">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
