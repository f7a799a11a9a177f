import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { projectsQuery } from '@/features/projects/queries';
import { byState } from '@/features/tasks/board';
import { Board } from '@/features/tasks/Board';
import { type BoardActs, BoardContext } from '@/features/tasks/boardContext';
import { CardMenu } from '@/features/tasks/CardMenu';
import type { Command } from '@/features/tasks/drops';
import { FilterMenu } from '@/features/tasks/FilterMenu';
import { agentNames, filtered } from '@/features/tasks/filters';
import { Lanes } from '@/features/tasks/Lanes';
import { lanesOf } from '@/features/tasks/lanes';
import { NarrowBoard } from '@/features/tasks/NarrowBoard';
import { tasksQuery } from '@/features/tasks/queries';
import { SelectionBar } from '@/features/tasks/SelectionBar';
import { useFolds } from '@/features/tasks/useFolds';
import type { Task } from '@/shared/api/types';
import { useLiveRooms } from '@/shared/live/context';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Page } from '@/shared/ui/Page';
import { useIsNarrow } from '@/shared/ui/useMediaQuery';
import { AddTaskDialog } from './AddTaskDialog';
import { BoardSkeleton } from './BoardSkeleton';
import { FirstSteps } from './FirstSteps';
import { MoveDialogs } from './MoveDialogs';
import { useAddress, useBoardFilters, useLanes, useOpenTask } from './navigation';
import { useBoardMoves } from './useBoardMoves';
import { useSelection } from './useSelection';

// Beyond that many projects at once, progress bars wait for the next event of their task.
const MOST_WATCHED = 50;
const NO_TASKS: readonly Task[] = [];

export function BoardPage() {
  const { t } = useTranslation();
  const { project = null, task: openTask = null } = useAddress();
  const [filters, setFilters] = useBoardFilters();
  const [lanesBy, setLanesBy] = useLanes();
  const tasks = useQuery(tasksQuery(project));
  const projects = useQuery(projectsQuery);
  const showTask = useOpenTask();
  const may = useMay();
  const narrow = useIsNarrow();
  const [adding, setAdding] = useState(false);
  const [folds, fold] = useFolds();
  const [dragged, setDragged] = useState<Task | null>(null);
  const [menu, setMenu] = useState<{ task: Task; anchor: HTMLElement } | null>(null);

  const list = tasks.data;
  // Whoever types or drags comes first: thousands of cards may follow a moment later.
  const known = useDeferredValue(list?.items);
  const all = known ?? NO_TASKS;
  const wanted = useDeferredValue(filters);
  const found = useMemo(() => filtered(all, wanted), [all, wanted]);
  const groups = useMemo(() => byState(found), [found]);
  const lanes = useMemo(() => lanesBy && lanesOf(found, lanesBy), [found, lanesBy]);
  const agents = useMemo(() => agentNames(all), [all]);
  const selection = useSelection(found);
  const moves = useBoardMoves(selection.unselect);
  const { toggle } = selection;
  const { move } = moves;
  const acts: BoardActs = useMemo(
    () => ({
      open: (key) => showTask(key),
      select: toggle,
      menu: (task, anchor) => setMenu({ task, anchor }),
      drag: setDragged,
      narrow,
    }),
    [showTask, toggle, narrow],
  );
  const moveOne = useCallback((task: Task, command: Command) => move(command, [task]), [move]);

  const shown = projects.data?.find(({ key }) => key === project);
  const watched = (shown ? [shown] : (projects.data ?? [])).slice(0, MOST_WATCHED);
  useLiveRooms(...watched.map(({ id }) => `project:${id}`));
  const isNew = projects.data?.length === 0 || list?.items.length === 0;

  const nameOf = (lane: string | null) =>
    lane === null
      ? t('board.lanes.nobody')
      : (projects.data?.find(({ key }) => lanesBy === 'project' && key === lane)?.name ?? lane);
  const content = () => {
    if (tasks.isError && !list)
      return <LoadProblem error={tasks.error} onRetry={() => void tasks.refetch()} />;
    if (!list || !known || !projects.data) return <BoardSkeleton />;
    if (isNew)
      return (
        <FirstSteps project={project ?? projects.data[0]?.key ?? null} onAddTask={() => setAdding(true)} />
      );
    if (found.length === 0) return <NoMatch onClear={() => setFilters({})} />;
    const board = { groups, openTask, selected: selection.ids, limit: shown?.wipLimit ?? null };
    const dragging = { dragged, folds, onMove: moveOne };
    if (narrow) return <NarrowBoard {...board} />;
    if (lanes) return <Lanes {...board} lanes={lanes} nameOf={nameOf} {...dragging} />;
    return <Board {...board} {...dragging} onFold={fold} />;
  };

  return (
    <Page
      title={t('board.title')}
      tools={
        !isNew &&
        list && (
          <FilterMenu
            filters={filters}
            agents={agents}
            onChange={setFilters}
            lanes={narrow ? null : { by: lanesBy, onChange: setLanesBy }}
          />
        )
      }
      actions={
        !isNew &&
        may('tasks') && (
          <Button tone="primary" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" />
            {t('board.newTask')}
          </Button>
        )
      }
      notes={[
        shown?.status === 'paused' && t('project.pausedHint', { name: shown.name }),
        list?.complete === false &&
          t(project ? 'board.tooManyHere' : 'board.tooMany', { count: list.items.length }),
      ]}
    >
      <BoardContext value={acts}>{content()}</BoardContext>
      <SelectionBar
        tasks={selection.tasks}
        busy={moves.busy}
        onCommand={moves.move}
        onPriority={moves.setPriority}
        onClear={selection.clear}
      />
      <CardMenu
        task={menu?.task ?? null}
        anchor={menu?.anchor ?? null}
        selected={menu !== null && selection.ids.has(menu.task.id)}
        onMove={moveOne}
        onPriority={(task, priority) => moves.setPriority(priority, [task])}
        onSelect={toggle}
        onClose={() => setMenu(null)}
      />
      <MoveDialogs asked={moves.asked} busy={moves.busy} onConfirm={moves.confirm} onClose={moves.close} />
      <AddTaskDialog open={adding} project={project} onClose={() => setAdding(false)} />
    </Page>
  );
}

function NoMatch(props: { onClear: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-wrap items-center gap-3 px-4 text-list text-muted">
      <p>{t('board.noMatch')}</p>
      <Button onClick={props.onClear}>{t('filter.clear')}</Button>
    </div>
  );
}
