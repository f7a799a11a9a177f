import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Bottlenecks } from '@/features/reports/Bottlenecks';
import { Capacity } from '@/features/reports/Capacity';
import type { CardProps } from '@/features/reports/card';
import { Efficiency } from '@/features/reports/Efficiency';
import { Errors } from '@/features/reports/Errors';
import { Performance } from '@/features/reports/Performance';
import { csvAddress, reportQuery, storedQuery } from '@/features/reports/queries';
import { useAddress } from '@/pages/navigation';
import type { ReportKind } from '@/shared/api/types';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Page } from '@/shared/ui/Page';
import { Skeleton } from '@/shared/ui/Skeleton';
import { Switch } from '@/shared/ui/Switch';

/** Where time is lost, what fails, how much is done and whether there is room: counted in the background. */
export function ReportsPage() {
  const { t } = useTranslation();
  const { project } = useAddress();
  const robotLink = (robot: string, text: string) => (
    <Link
      to="/automation/robots/$robot"
      params={{ robot }}
      search={project ? { project } : {}}
      className="text-link underline underline-offset-2"
    >
      {text}
    </Link>
  );
  return (
    <Page title={t('reports.title')} actions={<SystemSwitch />}>
      <div className="min-h-0 grow overflow-y-auto border-t border-line px-4 pt-4 pb-16">
        <div className="flex max-w-[1180px] flex-col gap-8">
          <Read kind="bottlenecks">{(card) => <Bottlenecks {...card} />}</Read>
          <Read kind="errors">{(card) => <Errors {...card} robotLink={robotLink} />}</Read>
          <Read kind="performance">{(card) => <Performance {...card} />}</Read>
          <Read kind="capacity">{(card) => <Capacity {...card} />}</Read>
          <Read kind="efficiency">{(card) => <Efficiency {...card} />}</Read>
        </div>
      </div>
    </Page>
  );
}

/** Whether what the system did counts, too. */
function SystemSwitch() {
  const { t } = useTranslation();
  const { system } = useSearch({ from: '/signed-in/reports' });
  const navigate = useNavigate();
  const show = (on: boolean) =>
    void navigate({
      to: '/reports',
      replace: true,
      search: ({ system: _, ...rest }) => ({ ...rest, ...(on && { system: true as const }) }),
    });
  return (
    <label
      htmlFor="with-system"
      title={t('automation.filter.systemText')}
      className="flex items-center gap-2 text-list text-muted"
    >
      {t('automation.filter.system')}
      <Switch id="with-system" on={system === true} onChange={show} />
    </label>
  );
}

/** One report of the period in the address; each comes when it comes. */
function Read<Kind extends ReportKind>(props: {
  kind: Kind;
  children: (card: CardProps<Kind>) => ReactNode;
}) {
  const { kind } = props;
  const search = useSearch({ from: '/signed-in/reports' });
  const navigate = useNavigate();
  const system = search.system === true;
  const report = useQuery(reportQuery(kind, search[kind], system));
  const stored = useQuery(storedQuery);
  if (!report.data) {
    if (report.isError) return <LoadProblem error={report.error} onRetry={() => void report.refetch()} />;
    return <Skeleton className="h-64 rounded-card" />;
  }
  const periods = (stored.data ?? []).filter((each) => each.kind === kind).map(({ period }) => period);
  return props.children({
    report: report.data,
    csv: csvAddress(kind, report.data.period, system),
    periods,
    onPeriod: (period) =>
      void navigate({ to: '/reports', replace: true, search: (before) => ({ ...before, [kind]: period }) }),
  });
}
