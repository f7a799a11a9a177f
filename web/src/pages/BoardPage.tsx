import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { projectsQuery } from '@/features/projects/queries';
import { byState, matches } from '@/features/tasks/board';
import { Board } from '@/features/tasks/Board';
import { NarrowBoard } from '@/features/tasks/NarrowBoard';
import { tasksQuery } from '@/features/tasks/queries';
import { useLiveRooms } from '@/shared/live/context';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Page } from '@/shared/ui/Page';
import { Skeleton } from '@/shared/ui/Skeleton';
import { useIsNarrow } from '@/shared/ui/useMediaQuery';
import { AddTaskDialog } from './AddTaskDialog';
import { FirstSteps } from './FirstSteps';
import { useAddress, useOpenTask } from './navigation';

// Beyond that many projects at once, progress bars wait for the next event of their task.
const MOST_WATCHED = 50;

export function BoardPage() {
  const { t } = useTranslation();
  const { project = null, task: openTask = null, q = '' } = useAddress();
  const tasks = useQuery(tasksQuery(project));
  const projects = useQuery(projectsQuery);
  const showTask = useOpenTask();
  const may = useMay();
  const narrow = useIsNarrow();
  const [adding, setAdding] = useState(false);
  const [cancelledShown, setCancelledShown] = useState(false);

  const open = useCallback((key: string) => showTask(key), [showTask]);
  const list = tasks.data;
  const found = useMemo(() => (list?.items ?? []).filter((task) => matches(task, q)), [list, q]);
  const groups = useMemo(() => byState(found), [found]);

  const shown = projects.data?.find(({ key }) => key === project);
  const watched = (shown ? [shown] : (projects.data ?? [])).slice(0, MOST_WATCHED);
  useLiveRooms(...watched.map(({ id }) => `project:${id}`));
  const isNew = projects.data?.length === 0 || list?.items.length === 0;

  const content = () => {
    if (tasks.isError && !list)
      return <LoadProblem error={tasks.error} onRetry={() => void tasks.refetch()} />;
    if (!list || !projects.data) return <BoardSkeleton />;
    if (isNew)
      return (
        <FirstSteps project={project ?? projects.data[0]?.key ?? null} onAddTask={() => setAdding(true)} />
      );
    if (found.length === 0)
      return <p className="px-4 text-list text-muted">{t('board.noMatch', { query: q })}</p>;
    if (narrow) return <NarrowBoard groups={groups} openTask={openTask} onOpen={open} />;
    return (
      <Board
        groups={groups}
        openTask={openTask}
        limit={shown?.wipLimit ?? null}
        cancelledShown={cancelledShown}
        onShowCancelled={setCancelledShown}
        onOpen={open}
      />
    );
  };

  return (
    <Page
      title={t('board.title')}
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
        list?.complete === false && t('board.tooMany', { count: list.items.length }),
      ]}
    >
      {content()}
      <AddTaskDialog open={adding} project={project} onClose={() => setAdding(false)} />
    </Page>
  );
}

function BoardSkeleton() {
  return (
    <div className="flex gap-3 overflow-hidden px-4 pt-2">
      {[3, 2, 1, 2, 3].map((cards, column) => (
        <div key={column} className="flex min-w-[236px] flex-1 flex-col gap-2">
          <Skeleton className="mb-1 h-6 w-28" />
          {Array.from({ length: cards }, (_, card) => (
            <Skeleton key={card} className="h-[74px] rounded-card" />
          ))}
        </div>
      ))}
    </div>
  );
}
