import { useTranslation } from '@/shared/i18n/translation';
import { percent } from '@/shared/format/numbers';
import { duration } from '@/shared/format/time';
import { type CardProps, MOST_BARS } from './card';
import { Columns } from './Columns';
import { type ModuleMonth, monthsOf } from './days';
import { periodText } from './periods';
import { ReportCard } from './ReportCard';

/** Is there room? How full each module was, day by day. */
export function Capacity(props: CardProps<'capacity'>) {
  const { t, i18n } = useTranslation();
  const { lines, period } = props.report;
  const share = (value: number) => percent(value, i18n.language);
  const months = monthsOf(lines, period);
  return (
    <ReportCard
      {...props}
      kind="capacity"
      chart={
        <div className="flex flex-col gap-5">
          <ul className="grid gap-x-8 gap-y-5 wide:grid-cols-2">
            {months.slice(0, MOST_BARS).map((month) => (
              <li key={month.moduleName} className="flex min-w-0 flex-col gap-1">
                <Month month={month} />
              </li>
            ))}
          </ul>
          <p className="flex flex-wrap gap-x-4 text-small text-muted">
            <Key opacity="opacity-100" text={t('reports.usual')} />
            <Key opacity="opacity-30" text={t('reports.atMost')} />
          </p>
        </div>
      }
      columns={[
        { head: t('reports.column.module'), cell: (line) => line.moduleName },
        { head: t('reports.column.day'), cell: (line) => line.day },
        { head: t('reports.column.load'), cell: (line) => share(line.avgUtilisation), figure: true },
        { head: t('reports.column.mostLoad'), cell: (line) => share(line.maxUtilisation), figure: true },
        { head: t('reports.column.running'), cell: (line) => line.avgRunning.toFixed(1), figure: true },
        { head: t('reports.column.mostRunning'), cell: (line) => line.maxRunning, figure: true },
        { head: t('reports.column.waiting'), cell: (line) => line.avgQueued.toFixed(1), figure: true },
        { head: t('reports.column.mostWaiting'), cell: (line) => line.maxQueued, figure: true },
        { head: t('reports.column.busy'), cell: (line) => share(line.busyShare), figure: true },
        { head: t('reports.column.full'), cell: (line) => share(line.fullShare), figure: true },
        { head: t('reports.column.queue'), cell: (line) => duration(line.avgQueueMs), figure: true },
        { head: t('reports.column.ended'), cell: (line) => line.ended, figure: true },
        { head: t('reports.column.failed'), cell: (line) => line.failed, figure: true },
      ]}
    />
  );
}

function Month({ month }: { month: ModuleMonth }) {
  const { t, i18n } = useTranslation();
  const share = (value: number) => percent(value, i18n.language);
  const queue = duration(month.queueMs);
  const said =
    month.fullShare > 0
      ? t('reports.room', { full: share(month.fullShare), queue })
      : t('reports.neverFull', { queue });
  const columns = month.days.map(({ day, line }) => ({
    id: day,
    title: line
      ? t('reports.dayLoad', {
          day: periodText(day, i18n.language),
          usual: share(line.avgUtilisation),
          most: share(line.maxUtilisation),
        })
      : t('reports.dayNothing', { day: periodText(day, i18n.language) }),
    usual: line?.avgUtilisation ?? 0,
    most: line?.maxUtilisation ?? 0,
  }));
  const dayNumber = (day: string | undefined) => Number(day?.slice(-2) ?? 0);
  return (
    <>
      <p className="flex flex-wrap items-baseline justify-between gap-x-3 text-list">
        <span className="min-w-0 [overflow-wrap:anywhere]">{month.moduleName}</span>
        <span className="text-small text-muted">{said}</span>
      </p>
      <Columns label={`${month.moduleName}: ${said}`} columns={columns} />
      <p aria-hidden className="flex justify-between text-small text-faint tabular-nums">
        <span>{dayNumber(month.days[0]?.day)}</span>
        <span>{dayNumber(month.days.at(-1)?.day)}</span>
      </p>
    </>
  );
}

function Key({ opacity, text }: { opacity: string; text: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <svg aria-hidden viewBox="0 0 8 8" className={`size-2 text-progress ${opacity}`}>
        <rect width="8" height="8" fill="currentColor" />
      </svg>
      {text}
    </span>
  );
}
