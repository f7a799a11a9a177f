import { useTranslation } from '@/shared/i18n/translation';
import type { Paces, Trends } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';
import { clock, duration, exact } from '@/shared/format/time';
import { type Chart, LineChart } from './LineChart';
import { RANGES, type Range } from './ranges';

interface ModuleTrendsProps {
  trends: Trends & { readAt: number };
  paces: Paces | undefined;
  range: Range;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How a module went over time: how much, how fast, how long robots waited, what failed, how full it was. */
export function ModuleTrends({ trends, paces, range }: ModuleTrendsProps) {
  const { t, i18n } = useTranslation();
  const hours = RANGES[range];
  const span = { from: trends.readAt - hours * HOUR_MS, to: trends.readAt };
  const told = {
    axis: (at: number) => (range === 'month' ? day(at, i18n.language) : clock(new Date(at), i18n.language)),
    exact: (at: number) =>
      range === 'month' ? exact(new Date(at), i18n.language) : clock(new Date(at), i18n.language),
  };
  const share = (value: number) => percent(value, i18n.language);
  const number = (value: number) => value.toLocaleString(i18n.language, { maximumFractionDigits: 1 });
  const { points, stepMinutes } = trends;
  const sampled = { moments: points.map(({ at }) => Date.parse(at)), reach: stepMinutes * MINUTE_MS * 2.5 };
  // What was completed comes in no steady rhythm: points are joined over a few empty pieces.
  const done = paces?.points ?? [];
  const paced = {
    moments: done.map(({ at }) => Date.parse(at)),
    reach: (paces?.stepMinutes ?? 1) * MINUTE_MS * 6,
  };
  const charts: Chart[] = [
    {
      ...sampled,
      title: t('trends.throughput'),
      format: (value) => t('trends.perHour', { rate: number(value) }),
      series: [
        {
          name: t('trends.ended'),
          color: 'text-approved',
          filled: true,
          values: points.map(({ ended }) => (ended * 60) / stepMinutes),
        },
      ],
    },
    {
      ...paced,
      title: t('trends.durations'),
      format: duration,
      series: [
        { name: t('trends.p50'), color: 'text-progress', values: done.map(({ p50Ms }) => p50Ms) },
        { name: t('trends.p95'), color: 'text-ready', dashed: true, values: done.map(({ p95Ms }) => p95Ms) },
      ],
    },
    {
      ...paced,
      title: t('trends.queueTime'),
      format: duration,
      series: [
        {
          name: t('trends.waited'),
          color: 'text-input',
          filled: true,
          values: done.map(({ queueMs }) => queueMs),
        },
      ],
    },
    {
      ...sampled,
      title: t('trends.errors'),
      format: share,
      least: 0.1,
      series: [
        {
          name: t('trends.failed'),
          color: 'text-failed',
          filled: true,
          // Where nothing ended, nothing could fail.
          values: points.map(({ ended, errorRate }) => (ended > 0 ? errorRate : 0)),
        },
      ],
    },
    {
      ...sampled,
      title: t('trends.utilisation'),
      format: share,
      least: 1,
      series: [
        {
          name: t('trends.used'),
          color: 'text-progress',
          filled: true,
          values: points.map((one) => one.utilisation),
        },
      ],
    },
    {
      ...sampled,
      title: t('trends.queue'),
      format: number,
      series: [
        {
          name: t('trends.waiting'),
          color: 'text-input',
          filled: true,
          values: points.map(({ queued }) => queued),
        },
        { name: t('trends.running'), color: 'text-progress', values: points.map(({ running }) => running) },
      ],
    },
  ];
  const measured = points.some(({ cpuPercent, memoryMb }) => cpuPercent !== null || memoryMb !== null);
  if (measured) {
    charts.push(
      {
        ...sampled,
        title: t('trends.cpu'),
        format: (value) => percent(value / 100, i18n.language, 1),
        series: [
          {
            name: t('trends.cpu'),
            color: 'text-ready',
            filled: true,
            values: points.map((one) => one.cpuPercent),
          },
        ],
      },
      {
        ...sampled,
        title: t('trends.memory'),
        format: (value) => `${number(Math.round(value))} MB`,
        series: [
          {
            name: t('trends.memory'),
            color: 'text-staging',
            filled: true,
            values: points.map((one) => one.memoryMb),
          },
        ],
      },
    );
  }
  return (
    <div className="grid gap-px overflow-hidden rounded-card bg-line wide:grid-cols-2">
      {charts.map((chart) => (
        <div key={chart.title} className="min-w-0 bg-surface">
          <LineChart chart={chart} span={span} told={told} nothing={t('trends.nothing')} />
        </div>
      ))}
    </div>
  );
}

function day(at: number, language: string): string {
  return new Date(at).toLocaleDateString(language, { day: 'numeric', month: 'short' });
}
