import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useId, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { LogTools } from '@/features/logs/LogTools';
import { LogView } from '@/features/logs/LogView';
import { type LogFilter, useLogQuery, useOlderLines } from '@/features/logs/queries';
import { PendingQuestion } from '@/features/questions/PendingQuestion';
import { useReply } from '@/features/questions/queries';
import { SettledQuestion } from '@/features/questions/SettledQuestion';
import { Attempts } from '@/features/tasks/Attempts';
import { Changes, NoChanges } from '@/features/tasks/Changes';
import { Dependencies } from '@/features/tasks/Dependencies';
import { Description } from '@/features/tasks/Description';
import { Facts } from '@/features/tasks/Facts';
import { Preview } from '@/features/tasks/Preview';
import {
  attemptsQuery,
  diffQuery,
  previewLogQuery,
  previewOutputQuery,
  type TaskActions,
  timelineQuery,
  useChangeTask,
} from '@/features/tasks/queries';
import type { Review } from '@/features/tasks/review';
import { Timeline } from '@/features/tasks/Timeline';
import type { Task } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Output } from '@/shared/ui/Output';
import { Skeleton } from '@/shared/ui/Skeleton';
import { useOpenTask } from './navigation';

/** What it is about, what was asked, what it waits for, and what has happened. */
export function OverviewTab({ task }: { task: Task }) {
  const may = useMay();
  const change = useChangeTask(task);
  const showTask = useOpenTask();
  const editable = may('tasks');
  return (
    <div className="flex flex-col gap-6">
      <TaskQuestions task={task} />
      <Description
        text={task.description}
        editable={editable}
        busy={change.isPending}
        onSave={(description, saved) => change.mutate({ description }, { onSuccess: saved })}
      />
      <Facts
        task={task}
        dependencies={
          <Dependencies
            keys={task.dependsOn}
            editable={editable}
            busy={change.isPending}
            onOpen={showTask}
            onChange={(dependsOn, changed) => change.mutate({ dependsOn }, { onSuccess: changed })}
          />
        }
      />
      <TaskTimeline taskId={task.id} />
    </div>
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

/** Every try, and what it cost. */
export function AttemptsTab({ taskId }: { taskId: string }) {
  const attempts = useQuery(attemptsQuery(taskId));
  return attempts.data ? (
    <Attempts taskId={taskId} attempts={attempts.data} />
  ) : (
    <PartPending query={attempts} />
  );
}

export function ChangesTab(props: { task: Task; review: Review; onRequestChanges: () => void }) {
  const { task } = props;
  const may = useMay();
  const diff = useQuery({ ...diffQuery(task.id), enabled: task.branchName !== null });
  if (!task.branchName) return <NoChanges />;
  if (!diff.data) return <PartPending query={diff} />;
  const finished = task.state === 'ready_to_test' || (task.state === 'approved' && !task.groupId);
  return (
    <Changes
      diff={diff.data}
      review={props.review}
      reviewable={finished && may('tasks')}
      onRequestChanges={props.onRequestChanges}
    />
  );
}

/** What its agents said while they worked, as it comes in. */
export function LogTab({ taskId }: { taskId: string }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<LogFilter>({});
  // While somebody types, what was found before stays.
  const wanted = useDeferredValue(filter);
  const attempts = useQuery(attemptsQuery(taskId));
  const log = useQuery({ ...useLogQuery(taskId, wanted), placeholderData: (before) => before });
  const older = useOlderLines(taskId, wanted);
  const narrowed = Object.keys(filter).length > 0;
  return (
    <div className="flex h-full min-h-[320px] flex-col gap-3">
      <LogTools attempts={attempts.data ?? []} filter={filter} onChange={setFilter} />
      {!log.data ? (
        <PartPending query={log} />
      ) : log.data.lines.length === 0 ? (
        <p className="text-list text-faint">{t(narrowed ? 'log.noMatch' : 'log.empty')}</p>
      ) : (
        <LogView log={log.data} busy={older.busy} onOlder={older.load} />
      )}
    </div>
  );
}

/** The branch as it runs. */
export function PreviewTab({ task, actions }: { task: Task; actions: TaskActions }) {
  return (
    <Preview
      task={task}
      busy={actions.preview.isPending || actions.endPreview.isPending}
      log={<PreviewLog task={task} />}
      onDeploy={() => actions.preview.mutate(undefined)}
      onRemove={() => actions.endPreview.mutate(undefined)}
    />
  );
}

/** What the program writes; where it does not run, what its last roll-out wrote. */
function PreviewLog({ task }: { task: Task }) {
  const { t } = useTranslation();
  const output = useQuery(previewOutputQuery(task.id));
  const last = useQuery({ ...previewLogQuery(task), enabled: output.data === '' });
  if (output.isError || output.data === undefined) return <PartPending query={output} />;
  const text = output.data || last.data;
  return text ? (
    <Output label={t('preview.log')} text={text} />
  ) : (
    <p className="text-list text-faint">{t('preview.noLog')}</p>
  );
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
