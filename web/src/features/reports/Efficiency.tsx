import { useTranslation } from '@/shared/i18n/translation';
import type { EfficiencyLine } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';
import { duration } from '@/shared/format/time';
import { Bars } from './Bars';
import { type CardProps, MOST_BARS } from './card';
import { ReportCard } from './ReportCard';

const MINUTE_MS = 60_000;

/** Who is worth its estimate? The worst first. */
export function Efficiency(props: CardProps<'efficiency'>) {
  const { t, i18n } = useTranslation();
  const lines = [...props.report.lines].sort((a, b) => a.efficiency - b.efficiency);
  const share = (value: number) => percent(value, i18n.language);
  const estimated = (line: EfficiencyLine) => duration(line.estimatedMinutes * MINUTE_MS);
  const actual = (line: EfficiencyLine) => duration(line.actualMinutes * MINUTE_MS);
  const bars = lines.slice(0, MOST_BARS).map((line) => ({
    id: `${line.moduleName} ${line.robotType}`,
    label: line.robotType,
    note: t('reports.estimate', { name: line.moduleName, estimated: estimated(line), actual: actual(line) }),
    value: t('reports.over', { efficiency: share(line.efficiency), over: share(line.overShare) }),
    parts: [{ value: line.efficiency, color: 'text-progress' }],
  }));
  return (
    <ReportCard
      {...props}
      kind="efficiency"
      chart={<Bars label={t('reports.question.efficiency')} bars={bars} most={1} />}
      columns={[
        { head: t('reports.column.module'), cell: (line) => line.moduleName },
        { head: t('reports.column.type'), cell: (line) => line.robotType },
        { head: t('reports.column.robots'), cell: (line) => line.robots, figure: true },
        { head: t('reports.column.estimated'), cell: estimated, figure: true },
        { head: t('reports.column.took'), cell: actual, figure: true },
        { head: t('reports.column.efficiency'), cell: (line) => share(line.efficiency), figure: true },
        { head: t('reports.column.over'), cell: (line) => share(line.overShare), figure: true },
      ]}
    />
  );
}
