import { Download } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { ReportKind } from '@/shared/api/types';
import { clock } from '@/shared/format/time';
import { buttonClass } from '@/shared/ui/Button';
import { Section } from '@/shared/ui/Section';
import { TimeAgo } from '@/shared/ui/Time';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { periodText } from './periods';
import type { Report } from './queries';

interface ReportCardProps<Line> {
  kind: ReportKind;
  report: Pick<Report<ReportKind>, 'period' | 'madeAt' | 'nextAt' | 'complete'> & { lines: readonly Line[] };
  csv: string;
  /** The periods that there are, the latest first. */
  periods: readonly string[];
  onPeriod: (period: string) => void;
  columns: readonly Column<Line>[];
  chart: ReactNode;
}

/** A question, the chart that answers it, and behind it every figure, as a table and as a file. */
export function ReportCard<Line>(props: ReportCardProps<Line>) {
  const { kind, report } = props;
  const { t, i18n } = useTranslation();
  return (
    <Section
      title={t(`reports.question.${kind}`)}
      text={t(`reports.text.${kind}`)}
      actions={<PeriodChoice {...props} period={report.period} />}
    >
      {report.lines.length === 0 ? (
        <p className="px-4 py-6 text-list text-muted">
          {t(report.madeAt ? `reports.nothing.${kind}` : 'reports.notMade')}
        </p>
      ) : (
        <>
          <div className="px-4 py-4">{props.chart}</div>
          <details>
            <summary className="px-4 py-2 text-list text-muted hover:text-ink">
              {t('reports.table', { count: report.lines.length })}
            </summary>
            <DataTable label={t(`reports.question.${kind}`)} columns={props.columns} lines={report.lines} />
          </details>
        </>
      )}
      <footer className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-1.5 pr-2 pl-4 text-small text-faint">
        <span>
          {report.complete && t('reports.complete')}
          {report.madeAt && !report.complete && (
            <>
              {t('reports.soFar')} <TimeAgo at={report.madeAt} />
            </>
          )}
          {report.nextAt && <> {t('reports.next', { at: clock(new Date(report.nextAt), i18n.language) })}</>}
        </span>
        {report.lines.length > 0 && (
          <a href={props.csv} download className={buttonClass('quiet', 'h-7')}>
            <Download aria-hidden className="size-3.5" />
            CSV
          </a>
        )}
      </footer>
    </Section>
  );
}

function PeriodChoice(props: {
  kind: ReportKind;
  period: string;
  periods: readonly string[];
  onPeriod: (period: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const choices = props.periods.includes(props.period) ? props.periods : [props.period, ...props.periods];
  return (
    <span className="shrink-0">
      <label htmlFor={id} className="sr-only">
        {t('reports.period', { question: t(`reports.question.${props.kind}`) })}
      </label>
      <select
        id={id}
        value={props.period}
        onChange={(event) => props.onPeriod(event.target.value)}
        className="h-8 max-w-[200px] rounded-control border border-line-strong bg-surface px-2 text-list max-desk:h-10 max-desk:text-[16px]"
      >
        {choices.map((period) => (
          <option key={period} value={period}>
            {periodText(period, i18n.language)}
          </option>
        ))}
      </select>
    </span>
  );
}
