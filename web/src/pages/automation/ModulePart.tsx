import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from '@/shared/i18n/translation';
import { HealthStrip } from '@/features/modules/HealthStrip';
import { ModuleFacts } from '@/features/modules/ModuleFacts';
import { historyQuery, moduleQuery, modulesQuery } from '@/features/modules/queries';
import { Types, Versions } from '@/features/modules/Versions';
import { ModuleTrends } from '@/features/trends/ModuleTrends';
import { pacesQuery, trendsQuery } from '@/features/trends/queries';
import { type Range, RANGES } from '@/features/trends/ranges';
import { BackLink } from '@/pages/automation/BackLink';
import { Body } from '@/pages/automation/Body';
import { ModuleHead } from '@/pages/automation/ModuleHead';
import { ModuleLimits } from '@/pages/automation/ModuleLimits';
import { ModuleLink } from '@/pages/automation/ModuleLink';
import { ModuleScores } from '@/pages/automation/ModuleScores';
import { useAddress } from '@/pages/navigation';
import type { Module } from '@/shared/api/types';
import { Loaded } from '@/shared/ui/Loaded';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section } from '@/shared/ui/Section';
import { Segments } from '@/shared/ui/Segments';
import { Skeleton } from '@/shared/ui/Skeleton';

/** One module: how it is and was, what it has in hand, its versions, and how it went over time. */
export function ModulePart() {
  const { t } = useTranslation();
  const { module: name } = useParams({ from: '/signed-in/automation/modules/$module' });
  return (
    <Body>
      <BackLink to="/automation/modules" text={t('module.back')} />
      <Loaded found={useQuery(moduleQuery(name))}>{(module) => <Shown module={module} />}</Loaded>
    </Body>
  );
}

function Shown({ module }: { module: Module }) {
  const { t } = useTranslation();
  const { project } = useAddress();
  const modules = useQuery(modulesQuery);
  const { moduleName: name } = module;
  const others = {
    module,
    modules: modules.data ?? [],
    moduleLink: (one: string) => <ModuleLink name={one} />,
  };
  return (
    <>
      <ModuleHead module={module} />
      {!module.internal && <Day name={name} />}
      <Trends name={name} />
      <ModuleFacts module={module} actions={<ModuleLimits module={module} />} />
      <Versions {...others} />
      <Types {...others} />
      <p className="-mt-4 text-list">
        <Link
          to="/automation/robots"
          search={{ module: name, ...(project && { project }) }}
          className="text-link underline underline-offset-2"
        >
          {t('module.robots')}
        </Link>
      </p>
    </>
  );
}

/** How it was over the day, half-hour by half-hour, and its score. */
function Day({ name }: { name: string }) {
  const { t } = useTranslation();
  const { range = 'day' } = useSearch({ from: '/signed-in/automation/modules/$module' });
  // The score is counted over a day: in an hour there would be little to see.
  const history = useQuery(historyQuery(name, Math.max(24, RANGES[range])));
  return (
    <Loaded found={history} className="h-44 rounded-card">
      {(found) => (
        <Section title={t('module.state')} text={t('module.formula')}>
          <div className="px-4 py-3 [&_svg]:max-w-none">
            <HealthStrip history={found} />
          </div>
          <ModuleScores history={found} range={range === 'month' ? 'month' : 'day'} />
        </Section>
      )}
    </Loaded>
  );
}

/** Charts over a time that stands in the address. */
function Trends({ name }: { name: string }) {
  const { t } = useTranslation();
  const { project } = useAddress();
  const navigate = useNavigate();
  const { range = 'day' } = useSearch({ from: '/signed-in/automation/modules/$module' });
  const trends = useQuery(trendsQuery(name, RANGES[range]));
  const paces = useQuery(pacesQuery(name, RANGES[range]));
  const choose = (chosen: Range) =>
    void navigate({
      to: '/automation/modules/$module',
      params: { module: name },
      replace: true,
      search: { ...(project && { project }), ...(chosen !== 'day' && { range: chosen }) },
    });
  const failed = trends.error ?? paces.error;
  return (
    <Section
      title={t('trends.title')}
      actions={
        <Segments
          label={t('trends.range')}
          value={range}
          choices={(['hour', 'day', 'month'] as const).map((value) => ({
            value,
            text: t(`trends.ranges.${value}`),
          }))}
          onChoose={choose}
        />
      }
    >
      {trends.data && !paces.isPending ? (
        <ModuleTrends trends={trends.data} paces={paces.data} range={range} />
      ) : failed ? (
        <LoadProblem
          error={failed}
          onRetry={() => {
            void trends.refetch();
            void paces.refetch();
          }}
        />
      ) : (
        <Skeleton className="h-[540px]" />
      )}
    </Section>
  );
}
