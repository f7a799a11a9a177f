import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { TimeAgo } from '@/shared/ui/Time';
import { Bars } from './Bars';
import { type CardProps, largest, MOST_BARS } from './card';
import { ReportCard } from './ReportCard';

interface ErrorsProps extends CardProps<'errors'> {
  /** Leads to a robot (by id). */
  robotLink: (robotId: string, text: string) => ReactNode;
}

/** What fails, and since when? Failures that look alike together, the most frequent first. */
export function Errors({ robotLink, ...props }: ErrorsProps) {
  const { t } = useTranslation();
  const { lines } = props.report;
  const bars = lines.slice(0, MOST_BARS).map((line) => ({
    id: line.exampleRobotId + line.message,
    label: <span className="line-clamp-2">{line.message}</span>,
    note: (
      <>
        {[line.robotType, line.step].filter(Boolean).join(' · ')} ·{' '}
        {robotLink(line.exampleRobotId, t('reports.example'))}
      </>
    ),
    value: (
      <>
        {line.number} · {t('reports.since')} <TimeAgo at={line.firstAt} />
      </>
    ),
    parts: [{ value: line.number, color: 'text-failed' }],
  }));
  return (
    <ReportCard
      {...props}
      kind="errors"
      chart={
        <Bars
          label={t('reports.question.errors')}
          bars={bars}
          most={largest(lines.map((line) => line.number))}
        />
      }
      columns={[
        { head: t('reports.column.message'), cell: (line) => line.message },
        { head: t('reports.column.category'), cell: (line) => line.category },
        { head: t('reports.column.type'), cell: (line) => line.robotType },
        { head: t('reports.column.step'), cell: (line) => line.step ?? '–' },
        { head: t('reports.column.modules'), cell: (line) => line.modules.join(', ') },
        { head: t('reports.column.times'), cell: (line) => line.number, figure: true },
        { head: t('reports.column.first'), cell: (line) => <TimeAgo at={line.firstAt} />, figure: true },
        { head: t('reports.column.last'), cell: (line) => <TimeAgo at={line.lastAt} />, figure: true },
        {
          head: t('reports.column.example'),
          cell: (line) => robotLink(line.exampleRobotId, t('reports.open')),
        },
      ]}
    />
  );
}
