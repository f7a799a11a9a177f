import { useNavigate } from '@tanstack/react-router';
import clsx from 'clsx';
import { X } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { useChangeTask, useTask, useTaskActions } from '@/features/tasks/queries';
import { useReview } from '@/features/tasks/review';
import { TaskButtons } from '@/features/tasks/TaskButtons';
import { TaskHead } from '@/features/tasks/TaskHead';
import { TASK_TABS, type TaskTab } from '@/shared/address';
import type { Task } from '@/shared/api/types';
import { copyText } from '@/shared/clipboard';
import { useLiveRooms } from '@/shared/live/context';
import { useMay } from '@/shared/session';
import { IconButton } from '@/shared/ui/IconButton';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { notify } from '@/shared/ui/notices';
import { Skeleton } from '@/shared/ui/Skeleton';
import { Tabs } from '@/shared/ui/Tabs';
import { useOpenTask } from './navigation';
import { AttemptsTab, ChangesTab, LogTab, OverviewTab, PreviewTab } from './TaskTabs';

/** An open task, beside the page on a desk and over it on a phone. Esc closes it. */
export function TaskPanel(props: { taskKey: string; tab: TaskTab }) {
  const { t } = useTranslation();
  const { taskKey } = props;
  const showTask = useOpenTask();
  const close = useCallback(() => {
    showTask(null);
    // Back to where the person came from, if that is still there.
    requestAnimationFrame(() => document.getElementById(`card-${taskKey}`)?.focus());
  }, [showTask, taskKey]);
  useEscape(close);

  const task = useTask(taskKey);
  return (
    <aside
      aria-label={t('task.panel', { key: taskKey })}
      className={clsx(
        'fixed inset-x-0 top-12 bottom-0 z-20 flex animate-slide-in flex-col bg-surface transition-[width] desk:left-auto desk:border-l desk:border-line desk:shadow-float',
        // Code is wide, and has its files at the left.
        props.tab === 'changes' && !task.isError
          ? 'desk:w-[min(1180px,calc(100vw-88px))]'
          : 'desk:w-[min(760px,calc(100vw-88px))]',
      )}
    >
      {task.data ? (
        <OpenTask key={task.data.id} task={task.data} tab={props.tab} onClose={close} />
      ) : (
        <>
          <IconButton label={t('common.close')} onClick={close} className="absolute top-3 right-3.5">
            <X className="size-4" />
          </IconButton>
          {task.isError ? (
            <LoadProblem error={task.error} onRetry={() => void task.refetch()} />
          ) : (
            <TaskSkeleton />
          )}
        </>
      )}
    </aside>
  );
}

function OpenTask(props: { task: Task; tab: TaskTab; onClose: () => void }) {
  const { t } = useTranslation();
  const { task, tab } = props;
  const may = useMay();
  const navigate = useNavigate();
  const showTask = useOpenTask();
  const actions = useTaskActions(task);
  const change = useChangeTask(task);
  const review = useReview(task.id);
  const [requesting, setRequesting] = useState(false);
  const questions = useRef<HTMLDivElement>(null);
  useLiveRooms(`task:${task.id}`);

  const toShip = (preselect: boolean) =>
    void navigate({
      to: '/ship',
      search: { project: task.projectKey, ...(preselect && { pick: task.key }) },
    });
  const toAnswer = () => {
    showTask(task.key);
    requestAnimationFrame(() => questions.current?.querySelector('textarea')?.focus());
  };
  const copyLink = async () => {
    const copied = await copyText(`${location.origin}/tasks/${task.key}`);
    if (copied) notify('done', t('done.linkCopied'));
  };
  return (
    <>
      <TaskHead
        task={task}
        editable={may('tasks')}
        onRename={(title) => change.mutate({ title })}
        onClose={props.onClose}
        actions={
          <TaskButtons
            task={task}
            actions={actions}
            review={review}
            requesting={requesting}
            onRequest={setRequesting}
            onAnswer={toAnswer}
            onShip={toShip}
            onCopyLink={copyLink}
          />
        }
      />
      <Tabs
        label={t('task.tab.tabs')}
        tabs={TASK_TABS.map((each) => ({ id: each, text: t(`task.tab.${each}`) }))}
        chosen={tab}
        onChoose={(next) => showTask(task.key, next)}
      >
        {tab === 'overview' && (
          <div ref={questions}>
            <OverviewTab task={task} />
          </div>
        )}
        {tab === 'changes' && (
          <ChangesTab task={task} review={review} onRequestChanges={() => setRequesting(true)} />
        )}
        {tab === 'log' && <LogTab taskId={task.id} />}
        {tab === 'preview' && <PreviewTab task={task} actions={actions} />}
        {tab === 'attempts' && <AttemptsTab taskId={task.id} />}
      </Tabs>
    </>
  );
}

function TaskSkeleton() {
  return (
    <div className="flex flex-col gap-4 p-5">
      <Skeleton className="h-5 w-40" />
      <Skeleton className="h-7 w-4/5" />
      <Skeleton className="mt-6 h-24" />
    </div>
  );
}

/** Calls back on Esc, unless something above the panel has taken it. */
function useEscape(callback: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        event.key === 'Escape' &&
        !event.defaultPrevented &&
        !document.querySelector('[role$="dialog"],[role="menu"]')
      )
        callback();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [callback]);
}
