import { queryOptions } from '@tanstack/react-query';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';

const MOST_TRIES = 50;

/** The tries at a robot (by id), the last one first, with their steps. */
export function executionsQuery(robotId: string) {
  return queryOptions({
    queryKey: keys.robots.executions(robotId),
    queryFn: ({ signal }) => {
      const params = { query: { robotId, limit: MOST_TRIES } };
      return data(api.GET('/api/executions', { params, signal }));
    },
  });
}
