import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { Task, TaskPriority } from '@/shared/api/types';
import { problemText } from '@/shared/i18n/problemText';
import { changeTask, putTask } from '@/shared/live/tasks';
import { notify } from '@/shared/ui/notices';
import { AT_ONCE, type Command } from './drops';

/** The commands that the tasks themselves know; the others are their releases'. */
export type TaskCommand = Exclude<Command, 'ship' | 'promote' | 'rollback'> | 'retry';

/** The same to several tasks: a command, or another priority. */
export interface Order {
  tasks: readonly Task[];
  what: { command: TaskCommand; words?: string } | { priority: TaskPriority };
}

const TOLD_REFUSALS = 3;

/**
 * Does something to one or several tasks. The board shows it at once; what the server refuses goes back to where it was,
 * and is told with the reason.
 */
export function useOrders() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useMutation({
    mutationFn: async ({ tasks, what }: Order) => {
      const shown = 'priority' in what ? { priority: what.priority } : stateAtOnce(what.command);
      for (const task of tasks) changeTask(queries, task.id, shown);
      const refused: { task: Task; reason: string }[] = [];
      // One after the other: fifty approvals at once would only wait for each other on the server.
      for (const task of tasks) {
        try {
          putTask(queries, await send(task, what));
        } catch (error) {
          changeTask(queries, task.id, { state: task.state, priority: task.priority });
          refused.push({ task, reason: problemText(error, t) });
        }
      }
      return { done: tasks.length - refused.length, refused };
    },
    onSuccess: ({ done, refused }, { tasks, what }) => {
      const name = 'priority' in what ? 'priority' : what.command;
      const keysDone = tasks.filter((task) => !refused.some((each) => each.task === task));
      if (done > 0) notify('done', t(`done.order.${name}`, { count: done, key: keysDone[0]?.key ?? '' }));
      for (const { task, reason } of refused.slice(0, TOLD_REFUSALS))
        notify('failed', `${task.key}: ${reason}`);
      if (refused.length > TOLD_REFUSALS) {
        notify('failed', t('done.order.more', { count: refused.length - TOLD_REFUSALS }));
      }
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.questions }),
  });
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
