import { queryOptions } from '@tanstack/react-query';
import { answer, api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { problemFrom } from '@/shared/api/problem';

// A sample a minute.
const SAMPLED_EVERY_MS = 60_000;

/** Load, queue and errors of a module, as they were sampled. */
export function trendsQuery(moduleName: string, hours: number) {
  return queryOptions({
    queryKey: keys.trends.points(moduleName, hours),
    queryFn: async ({ signal }) => {
      const params = { query: { moduleName, hours } };
      const body = await answer(api.GET('/api/analytics/trends', { params, signal }));
      // As text it comes only to those who ask for a file.
      if (typeof body === 'string') throw problemFrom(200, body);
      return { ...body.data, readAt: Date.now() };
    },
    refetchInterval: SAMPLED_EVERY_MS,
  });
}

/** How long its tries took and its robots waited. */
export function pacesQuery(moduleName: string, hours: number) {
  return queryOptions({
    queryKey: keys.trends.paces(moduleName, hours),
    queryFn: ({ signal }) => {
      const params = { query: { moduleName, hours } };
      return data(api.GET('/api/analytics/paces', { params, signal }));
    },
    refetchInterval: SAMPLED_EVERY_MS,
  });
}
