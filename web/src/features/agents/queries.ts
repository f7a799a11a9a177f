import { queryOptions } from '@tanstack/react-query';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';

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
