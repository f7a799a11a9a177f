import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { useAction } from '@/shared/ui/useAction';

const MOST_AGENTS = 500;
const HEARTBEATS_EVERY_MS = 15_000;
const ORDER = ['error', 'busy', 'initializing', 'idle', 'offline'];

/** Agents, those that need a look or are at work first. A heartbeat is no event, so it is looked up now and then. */
export const agentsQuery = queryOptions({
  queryKey: keys.agents,
  queryFn: async ({ signal }) => {
    const params = { query: { limit: MOST_AGENTS } };
    const agents = await data(api.GET('/api/agents', { params, signal }));
    return agents.sort(
      (a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || a.podName.localeCompare(b.podName),
    );
  },
  refetchInterval: HEARTBEATS_EVERY_MS,
});

const NEWEST_LINES = 300;

/** What an agent said, oldest first; only the newest lines. News of it come to the agent's room. */
export function agentLogQuery(agentId: string) {
  return queryOptions({
    queryKey: keys.agentLog(agentId),
    queryFn: async ({ signal }) => {
      const params = { path: { agent: agentId }, query: { limit: NEWEST_LINES } };
      const lines = await data(api.GET('/api/agents/{agent}/logs', { params, signal }));
      return lines.reverse();
    },
  });
}

/** Tells an agent to stop; its task (by id) goes back to the backlog with its branch. */
export function useStopAttempt() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: (taskId: string) =>
      data(api.POST('/api/tasks/{task}/stop', { params: { path: { task: taskId } }, body: {} })),
    after: () => void queries.invalidateQueries({ queryKey: keys.agents }),
    said: ({ key }) => t('done.stopped', { key }),
  });
}
