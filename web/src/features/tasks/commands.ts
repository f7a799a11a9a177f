import { useMutation, type UseMutationResult, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { Task } from '@/shared/api/types';
import { problemText } from '@/shared/i18n/problemText';
import { anticipate, changeTask, putTask, putTasks } from '@/shared/live/tasks';
import { notify } from '@/shared/ui/notices';
import { AT_ONCE } from './drops';
import { type Order, type TaskCommand, undoOf } from './orders';
import { fetchTasks } from './queries';

const TOLD_REFUSALS = 3;

interface Outcome {
  done: readonly Task[];
  refused: readonly { task: Task; reason: string }[];
}

/**
 * Does something to one or several tasks. The board shows it at once; what the server refuses goes back to where it was,
 * and is told with the reason.
 */
export function useOrders(): UseMutationResult<Outcome, Error, Order> {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const orders: UseMutationResult<Outcome, Error, Order> = useMutation({
    mutationFn: async ({ tasks, what }: Order) => {
      const shown = 'priority' in what ? { priority: what.priority } : stateAtOnce(what.command);
      const answered = anticipate(
        queries,
        tasks.map(({ id }) => id),
        shown,
      );
      const refused: { task: Task; reason: string }[] = [];
      // One after the other: fifty approvals at once would only wait for each other on the server.
      for (const task of tasks) {
        try {
          const changed = await send(task, what);
          answered(task.id);
          putTask(queries, changed);
        } catch (error) {
          answered(task.id);
          changeTask(queries, task.id, { state: task.state, priority: task.priority });
          refused.push({ task, reason: problemText(error, t) });
        }
      }
      return { done: tasks.filter((task) => !refused.some((each) => each.task === task)), refused };
    },
    onSuccess: ({ done, refused }, { what }) => {
      const name = 'priority' in what ? 'priority' : what.command;
      const undo = undoOf({ tasks: done, what });
      const action = { text: t('common.undo'), run: () => undo.forEach((order) => orders.mutate(order)) };
      if (done.length > 0) {
        const said = t(`done.order.${name}`, { count: done.length, key: done[0]?.key ?? '' });
        notify('done', said, undo.length > 0 ? action : undefined);
      }
      for (const { task, reason } of refused.slice(0, TOLD_REFUSALS))
        notify('failed', reason.includes(task.key) ? reason : `${task.key}: ${reason}`);
      if (refused.length > TOLD_REFUSALS) {
        notify('failed', t('done.order.more', { count: refused.length - TOLD_REFUSALS }));
      }
      // They may be elsewhere than they were: the news of that can come before the refusal.
      if (refused.length > 0) {
        void fetchTasks(refused.map(({ task }) => task.id)).then(
          (found) => putTasks(queries, found),
          () => undefined,
        );
      }
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.questions }),
  });
  return orders;
}

function stateAtOnce(command: TaskCommand): Partial<Task> {
  const state = command === 'retry' ? undefined : AT_ONCE[command];
  return state ? { state } : {};
}

function send(task: Task, what: Order['what']): Promise<Task> {
  const params = { path: { task: task.id } };
  if ('priority' in what) {
    return data(api.PATCH('/api/tasks/{task}', { params, body: { priority: what.priority } }));
  }
  switch (what.command) {
    case 'start':
      return data(api.POST('/api/tasks/{task}/start', { params }));
    case 'submit':
      return data(api.POST('/api/tasks/{task}/submit', { params, body: {} }));
    case 'stop':
      // Who took it by hand gives it back; an agent is told to stop.
      return task.assignedAgentId || task.state === 'needs_input'
        ? data(api.POST('/api/tasks/{task}/stop', { params, body: {} }))
        : data(api.POST('/api/tasks/{task}/release', { params, body: {} }));
    case 'approve':
      return data(api.POST('/api/tasks/{task}/approve', { params, body: { commit: task.headCommit ?? '' } }));
    case 'requestChanges':
      return data(
        api.POST('/api/tasks/{task}/request-changes', { params, body: { body: what.words ?? '' } }),
      );
    case 'cancel':
      return data(api.POST('/api/tasks/{task}/cancel', { params, body: {} }));
    case 'retry':
      return data(api.POST('/api/tasks/{task}/retry', { params }));
    case 'reopen':
      return data(api.POST('/api/tasks/{task}/reopen', { params }));
  }
}
