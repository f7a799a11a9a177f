import { useTranslation } from '@/shared/i18n/translation';
import { LineChart } from '@/features/trends/LineChart';
import { RANGES } from '@/features/trends/ranges';
import type { ModuleHistory } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';
import { exact } from '@/shared/format/time';

const HOUR_MS = 3_600_000;

/** A module's score over time, and the parts that it is made of. */
export function ModuleScores({ history, range }: { history: ModuleHistory; range: 'day' | 'month' }) {
  const { t, i18n } = useTranslation();
  const to = Date.parse(history.healthFrom) + RANGES.day * HOUR_MS;
  const span = { from: to - RANGES[range] * HOUR_MS, to };
  const { scores } = history;
  return (
    <LineChart
      chart={{
        title: t('module.scores'),
        moments: scores.map(({ scoredAt }) => Date.parse(scoredAt)),
        reach: HOUR_MS * 2,
        least: 1,
        format: (value) => percent(value, i18n.language),
        series: [
          { name: t('module.scored'), color: 'text-ink', values: scores.map(({ score }) => score) },
          { name: t('module.success'), color: 'text-approved', values: scores.map((one) => one.successRate) },
          {
            name: t('module.speed'),
            color: 'text-progress',
            dashed: true,
            values: scores.map(({ speed }) => speed),
          },
          {
            name: t('module.uptime'),
            color: 'text-ready',
            dashed: true,
            values: scores.map(({ uptime }) => uptime),
          },
        ],
      }}
      span={span}
      told={{
        axis: (at) =>
          new Date(at).toLocaleString(
            i18n.language,
            range === 'month'
              ? { day: 'numeric', month: 'short' }
              : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
          ),
        exact: (at) => exact(new Date(at), i18n.language),
      }}
      nothing={t('trends.nothing')}
    />
  );
}
