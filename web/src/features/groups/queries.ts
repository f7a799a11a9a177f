import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { answer, api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { makeRequestKeys } from '@/shared/api/requestKeys';
import type { Group } from '@/shared/api/types';
import { useAction } from '@/shared/ui/useAction';
import { newestFailed } from './newest';

const SHOWN_GROUPS = 20;
const RECENT_GROUPS = 100;
const WHILE_UNDER_WAY_MS = 2_000;
const OUTPUT_EVERY_MS = 1_000;
const ROLLS_OUT = new Set(['roll-out', 'roll-back', 'staging']);

/** The newest releases of a project (by key). While one is under way it is looked up too, should a step's news be lost. */
export function groupsQuery(project: string) {
  return queryOptions({
    queryKey: keys.groups.list(project),
    queryFn: async ({ signal }) => {
      const query = { projectId: project, limit: SHOWN_GROUPS };
      const { data: groups } = await answer(api.GET('/api/task-groups', { params: { query }, signal }));
      return groups.sort((a, b) => b.number - a.number);
    },
    refetchInterval: ({ state }) =>
      state.data?.some((group) => group.underWay) ? WHILE_UNDER_WAY_MS : false,
  });
}

/** What was told of the newest roll-out of a release while it goes on, then what it wrote; null if it never began. */
export function rolloutLogQuery(group: Pick<Group, 'id' | 'robotId' | 'projectKey'>) {
  return queryOptions({
    queryKey: keys.groups.log(group.robotId ?? group.id),
    queryFn: async ({ signal }) => {
      const query = { projectId: group.projectKey, limit: RECENT_GROUPS };
      const found = await data(api.GET('/api/deployments', { params: { query }, signal }));
      const newest = found.find(({ taskGroupId }) => taskGroupId === group.id);
      if (!newest) return null;
      const params = { path: { deployment: newest.id } };
      const { logs, completedAt } = await data(api.GET('/api/deployments/{deployment}', { params, signal }));
      return { text: logs, goesOn: completedAt === null };
    },
  });
}

/** Projects' newest releases, where they failed: somebody has to look. */
export const failedGroupsQuery = queryOptions({
  queryKey: [...keys.groups.all, 'failed'],
  queryFn: async ({ signal }) => {
    const query = { limit: RECENT_GROUPS };
    const { data: groups } = await answer(api.GET('/api/task-groups', { params: { query }, signal }));
    return newestFailed(groups);
  },
});

/** What shipping these tasks (by key) together would come to. */
export function groupCheckQuery(taskKeys: readonly string[]) {
  return queryOptions({
    queryKey: [...keys.groups.all, 'check', taskKeys],
    queryFn: ({ signal }) => {
      const params = { query: { taskIds: [taskKeys.join(',')] } };
      return data(api.GET('/api/task-groups/check', { params, signal }));
    },
    enabled: taskKeys.length > 0,
    // What was foreseen for the choice before stays until this one is known.
    placeholderData: (before) => (taskKeys.length > 0 ? before : undefined),
    // Staging may have moved since.
    staleTime: 10_000,
    retry: false,
  });
}

/** What the program writes that a release under way brings up. No event tells of it. */
export function outputQuery({ id, robotId, steps }: Pick<Group, 'id' | 'robotId' | 'steps'>) {
  return queryOptions({
    queryKey: keys.groups.output(robotId ?? ''),
    queryFn: async ({ signal }) => {
      const params = { path: { group: id } };
      return (await data(api.GET('/api/task-groups/{group}/output', { params, signal }))).text;
    },
    // Before that, what ran before still writes.
    enabled: steps.some(({ name, status }) => status === 'running' && ROLLS_OUT.has(name)),
    refetchInterval: OUTPUT_EVERY_MS,
    retry: false,
  });
}

/** As much of a release as it takes to do something with it. */
type NamedGroup = Pick<Group, 'id' | 'number'>;

/** What a person can do with releases, each done once at a time and told. */
export function useGroupActions() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const [requests] = useState(makeRequestKeys);
  const after = () => {
    void queries.invalidateQueries({ queryKey: keys.groups.all });
    void queries.invalidateQueries({ queryKey: keys.tasks.lists });
  };
  const path = (group: NamedGroup) => ({ path: { group: group.id } });
  return {
    ship: useAction({
      act: (taskIds: string[]) => {
        const body = { taskIds };
        const headers = { 'Idempotency-Key': requests.of(body) };
        return data(api.POST('/api/task-groups', { body, headers }));
      },
      after: () => {
        requests.answered();
        after();
      },
      said: ({ number }) => t('done.shipped', { number }),
    }),
    promote: useAction({
      act: (group: NamedGroup) => data(api.POST('/api/task-groups/{group}/promote', { params: path(group) })),
      after,
      said: ({ number }) => t('done.promoted', { number }),
    }),
    rollback: useAction({
      act: (group: NamedGroup) =>
        data(api.POST('/api/task-groups/{group}/rollback', { params: path(group) })),
      after,
      said: ({ number }) => t('done.rolledBack', { number }),
    }),
    withdraw: useAction({
      act: (group: NamedGroup) =>
        data(api.POST('/api/task-groups/{group}/withdraw', { params: path(group) })),
      after,
      said: ({ number }) => t('done.withdrawn', { number }),
    }),
    sendBack: useAction({
      act: (group: Group) => data(api.POST('/api/task-groups/{group}/send-back', { params: path(group) })),
      after,
      said: (_, group) => t('done.sentBack', { key: conflictingKey(group) }),
    }),
  };
}

/** The key of the task that did not go in; empty if there is none. */
export function conflictingKey(group: Group): string {
  return group.tasks.find((task) => task.id === group.conflictTaskId)?.key ?? '';
}

export type GroupActions = ReturnType<typeof useGroupActions>;
