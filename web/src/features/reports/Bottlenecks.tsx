import { useTranslation } from '@/shared/i18n/translation';
import { percent } from '@/shared/format/numbers';
import { duration } from '@/shared/format/time';
import { Bars } from './Bars';
import { type CardProps, largest, MOST_BARS } from './card';
import { ReportCard } from './ReportCard';

/** Where does the time go? The steps that take most of it. */
export function Bottlenecks(props: CardProps<'bottlenecks'>) {
  const { t, i18n } = useTranslation();
  const { lines } = props.report;
  const share = (value: number) => percent(value, i18n.language);
  const bars = lines.slice(0, MOST_BARS).map((line) => ({
    id: `${line.robotType} ${line.step} ${line.category}`,
    label: line.step,
    note: t('reports.ofType', { share: share(line.share), type: line.robotType }),
    value: duration(line.totalMs),
    parts: [{ value: line.totalMs, color: 'text-progress' }],
  }));
  return (
    <ReportCard
      {...props}
      kind="bottlenecks"
      chart={
        <Bars
          label={t('reports.question.bottlenecks')}
          bars={bars}
          most={largest(lines.map(({ totalMs }) => totalMs))}
        />
      }
      columns={[
        { head: t('reports.column.type'), cell: (line) => line.robotType },
        { head: t('reports.column.step'), cell: (line) => line.step },
        { head: t('reports.column.category'), cell: (line) => line.category },
        { head: t('reports.column.times'), cell: (line) => line.number, figure: true },
        { head: t('reports.column.failed'), cell: (line) => line.failed, figure: true },
        { head: t('reports.column.mean'), cell: (line) => duration(line.avgMs), figure: true },
        { head: t('reports.column.longest'), cell: (line) => duration(line.maxMs), figure: true },
        { head: t('reports.column.inAll'), cell: (line) => duration(line.totalMs), figure: true },
        { head: t('reports.column.share'), cell: (line) => share(line.share), figure: true },
      ]}
    />
  );
}
