import { useTranslation } from '@/shared/i18n/translation';
import type { PerformanceLine } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';
import { duration } from '@/shared/format/time';
import { Bars } from './Bars';
import { type CardProps, largest, MOST_BARS } from './card';
import { ReportCard } from './ReportCard';

/** How much is done, how fast? The day's tries by module and type. */
export function Performance(props: CardProps<'performance'>) {
  const { t, i18n } = useTranslation();
  const lines = [...props.report.lines].sort((a, b) => all(b) - all(a));
  const bars = lines.slice(0, MOST_BARS).map((line) => ({
    id: `${line.moduleName} ${line.robotType}`,
    label: line.robotType,
    // What never succeeded has no times.
    note: t(line.completed > 0 ? 'reports.paces' : 'reports.paceless', {
      name: line.moduleName,
      half: duration(line.p50Ms),
      most: duration(line.p95Ms),
      queue: duration(line.avgQueueMs),
    }),
    value: said(line),
    parts: [
      { value: line.completed, color: 'text-approved' },
      { value: line.failed + line.lost, color: 'text-failed' },
      { value: line.retried, color: 'text-input' },
      { value: line.cancelled, color: 'text-faint' },
    ],
  }));
  function said(line: PerformanceLine): string {
    const failed = line.failed + line.lost;
    return [
      t('reports.done', { count: line.completed }),
      failed > 0 && t('reports.failed', { count: failed }),
      line.retried > 0 && t('reports.retried', { count: line.retried }),
    ]
      .filter(Boolean)
      .join(', ');
  }
  return (
    <ReportCard
      {...props}
      kind="performance"
      chart={<Bars label={t('reports.question.performance')} bars={bars} most={largest(lines.map(all))} />}
      columns={[
        { head: t('reports.column.module'), cell: (line) => line.moduleName },
        { head: t('reports.column.type'), cell: (line) => line.robotType },
        { head: t('reports.column.done'), cell: (line) => line.completed, figure: true },
        { head: t('reports.column.failed'), cell: (line) => line.failed, figure: true },
        { head: t('reports.column.retried'), cell: (line) => line.retried, figure: true },
        { head: t('reports.column.lost'), cell: (line) => line.lost, figure: true },
        { head: t('reports.column.cancelled'), cell: (line) => line.cancelled, figure: true },
        {
          head: t('reports.column.success'),
          cell: (line) => percent(line.successRate, i18n.language),
          figure: true,
        },
        { head: t('reports.column.mean'), cell: (line) => duration(line.avgMs), figure: true },
        { head: t('reports.column.p50'), cell: (line) => duration(line.p50Ms), figure: true },
        { head: t('reports.column.p95'), cell: (line) => duration(line.p95Ms), figure: true },
        { head: t('reports.column.longest'), cell: (line) => duration(line.maxMs), figure: true },
        { head: t('reports.column.queue'), cell: (line) => duration(line.avgQueueMs), figure: true },
      ]}
    />
  );
}

function all(line: PerformanceLine): number {
  return line.completed + line.failed + line.lost + line.retried + line.cancelled;
}
