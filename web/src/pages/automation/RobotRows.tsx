import { Link } from '@tanstack/react-router';
import { ArrowUp, Cog } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { RobotLine } from '@/features/robots/RobotLine';
import { RobotsBar } from '@/features/robots/RobotsBar';
import { useRobotList } from '@/features/robots/useRobotList';
import { Teach } from '@/pages/automation/Teach';
import { useAddress } from '@/pages/navigation';
import type { Robot } from '@/shared/api/types';
import { problemText } from '@/shared/i18n/problemText';
import type { RobotFilters, RobotList } from '@/shared/live/robots';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Skeleton } from '@/shared/ui/Skeleton';
import { VirtualList } from '@/shared/ui/VirtualList';

const NONE: ReadonlySet<string> = new Set();
const LETS_IN_AFTER_MS = 700;
const MOST_SAID = 100;

/** The robots that match, as many as there are: rows are drawn when they come into sight, and fetched shortly before. */
export function RobotRows({ filters }: { filters: RobotFilters }) {
  const { t } = useTranslation();
  const found = useRobotList(filters);
  const list = found.query.data;
  if (!list) {
    if (found.query.isError)
      return <LoadProblem error={found.query.error} onRetry={() => void found.query.refetch()} />;
    return <Skeleton className="min-h-72 grow rounded-card" />;
  }
  if (list.rows.length > 0) return <Rows list={list} found={found} />;
  if (list.fresh.size > 0) return <LetIn showNew={found.showNew} />;
  if (Object.keys(filters).length > 0)
    return <p className="py-6 text-list text-muted">{t('automation.noMatch')}</p>;
  return (
    <div className="min-h-0 grow overflow-y-auto">
      <EmptyState icon={<Cog className="size-6" />} title={t('automation.noRobots')}>
        <p>{t('automation.noRobotsText')}</p>
        <Teach />
      </EmptyState>
    </div>
  );
}

function LetIn({ showNew }: { showNew: () => void }) {
  useEffect(showNew, [showNew]);
  return <Skeleton className="min-h-72 grow rounded-card" />;
}

interface RowsProps {
  list: RobotList;
  found: ReturnType<typeof useRobotList>;
}

function Rows({ list, found }: RowsProps) {
  const { t } = useTranslation();
  const { project } = useAddress();
  const may = useMay();
  const writes = may('tasks') || may('modules');
  const [selected, setSelected] = useState(NONE);
  const scroller = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState(false);
  const [atTop, setAtTop] = useState(true);
  const { rows, fresh } = list;
  const { showNew, see } = found;

  // Nothing moves under a pointer, or while somebody reads further down: then what is new waits to be asked for.
  const still = pointed || !atTop || selected.size > 0;
  useEffect(() => {
    if (fresh.size === 0 || still) return;
    const timer = setTimeout(showNew, LETS_IN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [fresh, still, showNew]);
  const onShown = useCallback((shown: readonly Robot[]) => see(shown.map(({ robotId }) => robotId)), [see]);

  const ticked = useMemo(
    () => (selected.size > 0 ? rows.filter(({ robotId }) => selected.has(robotId)) : []),
    [rows, selected],
  );
  const toggle = (robotId: string) =>
    setSelected((old) => {
      const next = new Set(old);
      if (!next.delete(robotId)) next.add(robotId);
      return next;
    });
  const all = ticked.length === rows.length;
  return (
    <div className="relative flex min-h-0 flex-col rounded-card border border-line bg-surface">
      <div className="flex h-9 shrink-0 items-center gap-3 border-b border-line pr-3 pl-3.5 text-small text-muted">
        {writes && (
          <label className="flex min-w-0 items-center gap-3">
            <input
              type="checkbox"
              checked={all}
              onChange={() => setSelected(all ? NONE : new Set(rows.map(({ robotId }) => robotId)))}
              className="size-4 shrink-0 accent-accent"
            />
            <span className="truncate">{t('automation.many.all', { count: rows.length })}</span>
          </label>
        )}
        <span className="grow" />
        {found.failed !== null && (
          <span role="alert" className="flex min-w-0 items-center gap-2 text-failed">
            <span className="truncate">{problemText(found.failed, t)}</span>
            <Button tone="quiet" className="h-7" onClick={found.more}>
              {t('common.retry')}
            </Button>
          </span>
        )}
      </div>
      {fresh.size > 0 && still && (
        <button
          type="button"
          onClick={() => {
            scroller.current?.scrollTo({ top: 0 });
            showNew();
          }}
          className="absolute top-10.5 left-1/2 z-5 inline-flex h-8 -translate-x-1/2 animate-appear items-center gap-1.5 rounded-full bg-accent px-3 text-small font-medium text-on-accent shadow-float hover:bg-accent-hover"
        >
          <ArrowUp aria-hidden className="size-3.5" />
          {fresh.size >= MOST_SAID
            ? t('automation.list.many', { count: MOST_SAID })
            : t('automation.list.fresh', { count: fresh.size })}
        </button>
      )}
      <div
        className="flex min-h-0 flex-col"
        onPointerEnter={(event) => setPointed(event.pointerType === 'mouse')}
        onPointerLeave={() => setPointed(false)}
        onScrollCapture={() => setAtTop((scroller.current?.scrollTop ?? 0) < 4)}
      >
        <VirtualList
          items={rows}
          keyOf={(robot) => robot.robotId}
          estimate={39}
          label={t('automation.part.robots')}
          scroller={scroller}
          onEnd={list.next === null ? undefined : found.more}
          onShown={onShown}
        >
          {(robot) => (
            <div className="flex items-center border-b border-line">
              {writes && (
                <label className="flex size-9 shrink-0 cursor-pointer items-center justify-center max-desk:size-11 desk:ml-1">
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
                data-focus
                className="block min-w-0 grow transition-colors hover:bg-hover focus-visible:-outline-offset-2"
              >
                <RobotLine robot={robot} />
              </Link>
            </div>
          )}
        </VirtualList>
      </div>
      <RobotsBar robots={ticked} onClear={() => setSelected(NONE)} />
    </div>
  );
}
