import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { PendingQuestion } from '@/features/questions/PendingQuestion';
import { useReply } from '@/features/questions/queries';
import { SettledQuestion } from '@/features/questions/SettledQuestion';
import { Attempts } from '@/features/tasks/Attempts';
import { Changes, NoChanges } from '@/features/tasks/Changes';
import { Description } from '@/features/tasks/Description';
import { Facts } from '@/features/tasks/Facts';
import {
  attemptsQuery,
  diffQuery,
  timelineQuery,
  useChangeTask,
  useTask,
  useTaskActions,
} from '@/features/tasks/queries';
import { TaskButtons } from '@/features/tasks/TaskButtons';
import { TaskHead } from '@/features/tasks/TaskHead';
import { Timeline } from '@/features/tasks/Timeline';
import { TASK_TABS, type TaskTab } from '@/shared/address';
import type { Task } from '@/shared/api/types';
import { copyText } from '@/shared/clipboard';
import { useLiveRooms } from '@/shared/live/context';
import { useMay } from '@/shared/session';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { notify } from '@/shared/ui/notices';
import { Skeleton } from '@/shared/ui/Skeleton';
import { Tabs } from '@/shared/ui/Tabs';
import { useOpenTask } from './navigation';

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
      className="fixed inset-x-0 top-12 bottom-0 z-20 flex animate-slide-in flex-col bg-surface desk:left-auto desk:w-[min(760px,calc(100vw-88px))] desk:border-l desk:border-line desk:shadow-float"
    >
      {task.data ? (
        <OpenTask key={task.data.id} task={task.data} tab={props.tab} onClose={close} />
      ) : task.isError ? (
        <LoadProblem error={task.error} onRetry={() => void task.refetch()} />
      ) : (
        <TaskSkeleton />
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
          <div ref={questions} className="flex flex-col gap-6">
            <TaskQuestions task={task} />
            <Description
              text={task.description}
              editable={may('tasks')}
              busy={change.isPending}
              onSave={(description, saved) => change.mutate({ description }, { onSuccess: saved })}
            />
            <Facts task={task} onOpenTask={showTask} />
            <TaskTimeline taskId={task.id} />
          </div>
        )}
        {tab === 'changes' && (task.branchName ? <TaskChangesTab taskId={task.id} /> : <NoChanges />)}
        {tab === 'attempts' && <TaskAttemptsTab taskId={task.id} />}
      </Tabs>
    </>
  );
}

function TaskQuestions({ task }: { task: Task }) {
  const may = useMay();
  const reply = useReply();
  if (task.questions.length === 0) return null;
  return (
    <div className="flex flex-col gap-3">
      {task.questions.map((question) =>
        question.status === 'pending' ? (
          <PendingQuestion
            key={question.id}
            question={question}
            busy={reply.isPending}
            allowed={may('tasks')}
            onReply={(text) => reply.mutate({ taskId: task.id, questionId: question.id, text })}
          />
        ) : (
          <SettledQuestion key={question.id} question={question} />
        ),
      )}
    </div>
  );
}

function TaskTimeline({ taskId }: { taskId: string }) {
  const { t } = useTranslation();
  const headId = useId();
  const timeline = useQuery(timelineQuery(taskId));
  return (
    <section aria-labelledby={headId} className="flex flex-col gap-3">
      <h2 id={headId} className="text-list font-semibold">
        {t('timeline.title')}
      </h2>
      {timeline.data ? <Timeline entries={timeline.data} /> : <PartPending query={timeline} />}
    </section>
  );
}

function TaskAttemptsTab({ taskId }: { taskId: string }) {
  const attempts = useQuery(attemptsQuery(taskId));
  return attempts.data ? (
    <Attempts taskId={taskId} attempts={attempts.data} />
  ) : (
    <PartPending query={attempts} />
  );
}

function TaskChangesTab({ taskId }: { taskId: string }) {
  const diff = useQuery(diffQuery(taskId));
  return diff.data ? <Changes diff={diff.data} /> : <PartPending query={diff} />;
}

function PartPending(props: { query: { isError: boolean; error: unknown; refetch: () => unknown } }) {
  const { isError, error, refetch } = props.query;
  if (isError) return <LoadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <div className="flex flex-col gap-3">
      <Skeleton className="h-4 w-2/3" />
      <Skeleton className="h-4 w-1/2" />
      <Skeleton className="h-4 w-3/5" />
    </div>
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
