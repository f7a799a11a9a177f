import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { answer, api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { allPages } from '@/shared/api/pages';
import { makeRequestKeys } from '@/shared/api/requestKeys';
import type { NewTask, ReviewComment, Task, TaskChanges } from '@/shared/api/types';
import { shortCommit } from '@/shared/format/numbers';
import { cachedTask, caughtUp, putTask, type TaskList } from '@/shared/live/tasks';
import { useAction } from '@/shared/ui/useAction';

const FIRST_PAGE = 100;
const PAGE = 500;
const IDS = 100;
const MOST_TASKS = 5_000;
const RECENT_PREVIEWS = 100;
const OUTPUT_EVERY_MS = 2_000;

/** The board of one project (by key) or of all. */
export function tasksQuery(project: string | null) {
  return queryOptions({
    queryKey: keys.tasks.list(project),
    queryFn: async ({ signal, client, queryKey }): Promise<TaskList> => {
      const before = client.getQueryData<TaskList>(queryKey);
      // What is in sight comes first, the rest in as few requests as it takes.
      const query = { limit: FIRST_PAGE, ...(project && { projectId: project }) };
      const pages = await allPages(
        (cursor) =>
          answer(
            api.GET('/api/tasks', {
              params: { query: { ...query, ...(cursor && { cursor, limit: PAGE }) } },
              signal,
            }),
          ),
        MOST_TASKS,
        // A large board can be used from its first page on; where it is known already, it does not shrink.
        (items) =>
          client.setQueryData<TaskList>(queryKey, (known) => known ?? { project, items, complete: true }),
      );
      return caughtUp({ project, ...pages }, before, client.getQueryData<TaskList>(queryKey));
    },
    // Comparing thousands of tasks field by field would take longer than drawing the few that are in sight.
    structuralSharing: false,
  });
}

/** Several tasks by their ids; those that are gone are left out. */
export async function fetchTasks(ids: readonly string[]): Promise<Task[]> {
  const some = Array.from({ length: Math.ceil(ids.length / IDS) }, (_, n) =>
    ids.slice(n * IDS, (n + 1) * IDS),
  );
  const read = (id: string[]) => data(api.GET('/api/tasks', { params: { query: { id, limit: IDS } } }));
  return (await Promise.all(some.map(read))).flat();
}

function fetchTask(task: string): Promise<Task> {
  return data(api.GET('/api/tasks/{task}', { params: { path: { task: task } } }));
}

/** One task by its key. What the board knows of it is shown at once, and read anew behind that. */
export function useTask(key: string) {
  const queries = useQueryClient();
  return useQuery({
    queryKey: keys.tasks.one(key),
    queryFn: () => fetchTask(key),
    initialData: () => cachedTask(queries, key),
    initialDataUpdatedAt: 0,
  });
}

export function timelineQuery(taskId: string) {
  return queryOptions({
    queryKey: keys.tasks.part(taskId, 'timeline'),
    queryFn: async ({ signal }) => {
      const params = { path: { task: taskId } };
      return data(api.GET('/api/tasks/{task}/timeline', { params, signal }));
    },
  });
}

export function attemptsQuery(taskId: string) {
  return queryOptions({
    queryKey: keys.tasks.part(taskId, 'attempts'),
    queryFn: async ({ signal }) => {
      const params = { path: { task: taskId } };
      return data(api.GET('/api/tasks/{task}/attempts', { params, signal }));
    },
  });
}

export function diffQuery(taskId: string) {
  return queryOptions({
    queryKey: keys.tasks.part(taskId, 'diff'),
    queryFn: async ({ signal }) => {
      const params = { path: { task: taskId } };
      return data(api.GET('/api/tasks/{task}/diff', { params, signal }));
    },
  });
}

/** What the newest roll-out of the task's preview wrote, if any. */
export function previewLogQuery(task: Pick<Task, 'id' | 'projectKey'>) {
  return queryOptions({
    queryKey: keys.tasks.part(task.id, 'preview-log'),
    queryFn: async ({ signal }) => {
      const query = { projectId: task.projectKey, environment: 'preview' as const, limit: RECENT_PREVIEWS };
      const found = await data(api.GET('/api/deployments', { params: { query }, signal }));
      const newest = found.find(({ taskId }) => taskId === task.id);
      if (!newest) return null;
      const params = { path: { deployment: newest.id } };
      const { logs, errorMessage } = await data(api.GET('/api/deployments/{deployment}', { params, signal }));
      return [logs, errorMessage].filter(Boolean).join('\n') || null;
    },
  });
}

/** What a task's preview has written, and goes on to write. No event tells of it. */
export function previewOutputQuery(taskId: string) {
  return queryOptions({
    queryKey: keys.tasks.part(taskId, 'preview-output'),
    queryFn: async ({ signal }) => {
      const params = { path: { task: taskId } };
      return (await data(api.GET('/api/tasks/{task}/preview/output', { params, signal }))).text;
    },
    refetchInterval: OUTPUT_EVERY_MS,
    retry: false,
  });
}

export function useAddTask() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const [requests] = useState(makeRequestKeys);
  return useAction({
    act: (body: NewTask) =>
      data(api.POST('/api/tasks', { body, headers: { 'Idempotency-Key': requests.of(body) } })),
    after: (task) => {
      requests.answered();
      putTask(queries, task);
    },
    said: ({ key }) => t('add.added', { key }),
  });
}

export function useChangeTask(task: Task) {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: (body: TaskChanges) =>
      data(
        api.PATCH('/api/tasks/{task}', {
          params: { path: { task: task.id } },
          body: { ...body, version: task.version },
        }),
      ),
    after: (changed) => putTask(queries, changed),
    said: ({ key }) => t('done.saved', { key }),
  });
}

/** Lets agents of the project use what an attempt was denied. */
export function useAllow(taskId: string) {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: ({ execution, rule }: { execution: string; rule: string }) =>
      data(
        api.POST('/api/tasks/{task}/attempts/{execution}/allow', {
          params: { path: { task: taskId, execution } },
          body: { rule },
        }),
      ),
    after: () => void queries.invalidateQueries({ queryKey: keys.tasks.parts(taskId) }),
    said: (_, { rule }) => t('done.allowed', { rule }),
  });
}

/** What a person can do with a task, each done once at a time and told. */
export function useTaskActions(task: Task) {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const { key } = task;
  const params = { path: { task: task.id } };
  const after = (changed: Task) => {
    putTask(queries, changed);
    void queries.invalidateQueries({ queryKey: keys.tasks.parts(task.id) });
    void queries.invalidateQueries({ queryKey: keys.questions });
  };
  return {
    approve: useAction({
      act: (commit: string) => data(api.POST('/api/tasks/{task}/approve', { params, body: { commit } })),
      after,
      said: (_, commit) => t('done.approved', { key, commit: shortCommit(commit) }),
    }),
    requestChanges: useAction({
      act: (body: { body: string; comments: ReviewComment[] }) =>
        data(api.POST('/api/tasks/{task}/request-changes', { params, body })),
      after,
      said: () => t('done.changes', { key }),
    }),
    stop: useAction({
      act: () => data(api.POST('/api/tasks/{task}/stop', { params, body: {} })),
      after,
      said: () => t('done.stopped', { key }),
    }),
    cancel: useAction({
      act: () => data(api.POST('/api/tasks/{task}/cancel', { params, body: {} })),
      after,
      said: () => t('done.cancelled', { key }),
    }),
    reopen: useAction({
      act: () => data(api.POST('/api/tasks/{task}/reopen', { params })),
      after,
      said: () => t('done.reopened', { key }),
    }),
    retry: useAction({
      act: () => data(api.POST('/api/tasks/{task}/retry', { params })),
      after,
      said: () => t('done.retried', { key }),
    }),
    preview: useAction({
      act: () => data(api.POST('/api/tasks/{task}/preview', { params })),
      after: () => void queries.invalidateQueries({ queryKey: keys.tasks.parts(task.id) }),
      said: () => t('done.preview', { key }),
    }),
    endPreview: useAction({
      act: () => data(api.DELETE('/api/tasks/{task}/preview', { params })),
      after,
      said: () => t('done.previewEnded', { key }),
    }),
  };
}

export type TaskActions = ReturnType<typeof useTaskActions>;
