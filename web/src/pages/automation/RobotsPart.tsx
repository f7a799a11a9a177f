import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Cog } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modulesQuery } from '@/features/modules/queries';
import type { RobotFilters } from '@/features/robots/filters';
import { FilterBar } from '@/features/robots/FilterBar';
import { robotsQuery } from '@/features/robots/queries';
import { RobotLine } from '@/features/robots/RobotLine';
import { RobotsBar } from '@/features/robots/RobotsBar';
import { SavedFilters } from '@/features/robots/SavedFilters';
import { useAddress } from '@/pages/navigation';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Skeleton } from '@/shared/ui/Skeleton';

const NONE: ReadonlySet<string> = new Set();

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
  const show = (next: RobotFilters) =>
    void navigate({
      to: '/automation/robots',
      replace: true,
      search: { ...next, ...(project && { project }) },
    });
  const known = modules.data ?? [];
  const types = [...new Set(known.flatMap((each) => each.supportedRobotTypes))].sort();
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <FilterBar
          filters={filters}
          types={types}
          modules={known.map(({ moduleName }) => moduleName)}
          onChange={show}
        />
        <SavedFilters filters={filters} onChoose={show} />
      </div>
      <Robots filters={filters} />
    </div>
  );
}

function Robots({ filters }: { filters: RobotFilters }) {
  const { t } = useTranslation();
  const { project } = useAddress();
  const robots = useInfiniteQuery(robotsQuery(filters));
  const may = useMay();
  const writes = may('tasks') || may('modules');
  const [selected, setSelected] = useState(NONE);
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
  const ticked = found.filter(({ robotId }) => selected.has(robotId));
  const toggle = (robotId: string) =>
    setSelected((old) => {
      const next = new Set(old);
      if (!next.delete(robotId)) next.add(robotId);
      return next;
    });
  const all = ticked.length === found.length;
  return (
    <>
      <div className="rounded-card border border-line bg-surface">
        {writes && (
          <label className="flex h-9 items-center gap-3 border-b border-line px-4 text-small text-muted">
            <input
              type="checkbox"
              checked={all}
              onChange={() => setSelected(all ? NONE : new Set(found.map(({ robotId }) => robotId)))}
              className="size-4 accent-accent"
            />
            {t('automation.many.all', { count: found.length })}
          </label>
        )}
        <ul aria-label={t('automation.part.robots')} className="divide-y divide-line">
          {found.map((robot) => (
            // The browser neither lays out nor paints rows that are out of sight.
            <li
              key={robot.robotId}
              className="flex items-center [contain-intrinsic-size:auto_37px] [content-visibility:auto]"
            >
              {writes && (
                <label className="flex size-9 shrink-0 cursor-pointer items-center justify-center desk:ml-1.5">
                  <input
                    type="checkbox"
                    aria-label={t('automation.many.tick', { id: robot.robotId })}
                    checked={selected.has(robot.robotId)}
                    onChange={() => toggle(robot.robotId)}
                    className="size-4 accent-accent"
                  />
                </label>
              )}
              <Link
                to="/automation/robots/$robot"
                params={{ robot: robot.robotId }}
                search={project ? { project } : {}}
                className="block min-w-0 grow transition-colors hover:bg-hover focus-visible:-outline-offset-2"
              >
                <RobotLine robot={robot} />
              </Link>
            </li>
          ))}
        </ul>
      </div>
      {robots.hasNextPage && (
        <Button
          className="self-center"
          disabled={robots.isFetchingNextPage}
          onClick={() => void robots.fetchNextPage()}
        >
          {t('automation.more')}
        </Button>
      )}
      <RobotsBar robots={ticked} onClear={() => setSelected(NONE)} />
    </>
  );
}
