import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answer, api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { useAction } from '@/shared/ui/useAction';
import type { RobotFilters } from './filters';

const PAGE = 100;

/** Robots, newest first, page by page. */
export function robotsQuery(filters: RobotFilters) {
  const { status, type, module, batch } = filters;
  return infiniteQueryOptions({
    queryKey: keys.robots.list(filters),
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: PAGE,
        ...(pageParam && { cursor: pageParam }),
        ...(status && { status }),
        ...(type && { robotType: type }),
        ...(module && { moduleName: module }),
        ...(batch && { correlationId: batch }),
      };
      return answer(api.GET('/api/robots', { params: { query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

export function robotQuery(robotId: string) {
  return queryOptions({
    queryKey: keys.robots.one(robotId),
    queryFn: ({ signal }) =>
      data(api.GET('/api/robots/{robotId}', { params: { path: { robotId } }, signal })),
  });
}

/** What a person can do with a robot (by id). */
export function useRobotActions(robotId: string) {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const params = { path: { robotId } };
  const after = () => void queries.invalidateQueries({ queryKey: keys.robots.all });
  return {
    retry: useAction({
      act: () => data(api.POST('/api/robots/{robotId}/retry', { params })),
      after,
      said: () => t('automation.robot.wasRetried'),
    }),
    cancel: useAction({
      act: () => data(api.POST('/api/robots/{robotId}/cancel', { params, body: {} })),
      after,
      said: () => t('automation.robot.wasCancelled'),
    }),
  };
}
