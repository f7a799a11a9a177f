import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Cog } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { modulesQuery } from '@/features/modules/queries';
import type { RobotFilters } from '@/features/robots/filters';
import { FilterBar } from '@/features/robots/FilterBar';
import { robotsQuery } from '@/features/robots/queries';
import { RobotLine } from '@/features/robots/RobotLine';
import { useAddress } from '@/pages/navigation';
import { Button } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Skeleton } from '@/shared/ui/Skeleton';

/** Robots, newest first, narrowed by the filters of the address. */
export function RobotsPart() {
  const { project } = useAddress();
  const { status, type, module, batch } = useSearch({ from: '/signed-in/automation/robots' });
  const filters: RobotFilters = {
    ...(status && { status }),
    ...(type && { type }),
    ...(module && { module }),
    ...(batch && { batch }),
  };
  const modules = useQuery(modulesQuery);
  const navigate = useNavigate();
  const known = modules.data ?? [];
  const types = [...new Set(known.flatMap((each) => each.supportedRobotTypes))].sort();
  return (
    <div className="flex flex-col gap-3">
      <FilterBar
        filters={filters}
        types={types}
        modules={known.map(({ moduleName }) => moduleName)}
        onChange={(next) =>
          void navigate({
            to: '/automation/robots',
            replace: true,
            search: { ...next, ...(project && { project }) },
          })
        }
      />
      <Robots filters={filters} />
    </div>
  );
}

function Robots({ filters }: { filters: RobotFilters }) {
  const { t } = useTranslation();
  const { project } = useAddress();
  const robots = useInfiniteQuery(robotsQuery(filters));
  if (!robots.data) {
    if (robots.isError) return <LoadProblem error={robots.error} onRetry={() => void robots.refetch()} />;
    return <Skeleton className="h-72 rounded-card" />;
  }
  const found = robots.data.pages.flatMap((page) => page.data);
  if (found.length === 0) {
    if (Object.keys(filters).length > 0)
      return <p className="py-6 text-list text-muted">{t('automation.noMatch')}</p>;
    return (
      <EmptyState icon={<Cog className="size-6" />} title={t('automation.noRobots')}>
        {t('automation.noRobotsText')}
      </EmptyState>
    );
  }
  return (
    <>
      <ul
        aria-label={t('automation.part.robots')}
        className="divide-y divide-line rounded-card border border-line bg-surface"
      >
        {found.map((robot) => (
          // The browser neither lays out nor paints rows that are out of sight.
          <li key={robot.robotId} className="[contain-intrinsic-size:auto_37px] [content-visibility:auto]">
            <Link
              to="/automation/robots/$robot"
              params={{ robot: robot.robotId }}
              search={project ? { project } : {}}
              className="block transition-colors hover:bg-hover focus-visible:-outline-offset-2"
            >
              <RobotLine robot={robot} />
            </Link>
          </li>
        ))}
      </ul>
      {robots.hasNextPage && (
        <Button
          className="self-center"
          disabled={robots.isFetchingNextPage}
          onClick={() => void robots.fetchNextPage()}
        >
          {t('automation.more')}
        </Button>
      )}
    </>
  );
}
