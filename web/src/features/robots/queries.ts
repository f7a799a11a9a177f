import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answer, api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { RobotStatus } from '@/shared/api/types';
import { problemText } from '@/shared/i18n/problemText';
import { notify } from '@/shared/ui/notices';
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

/** Which of them can be tried again, and which can be ended, by the page itself. */
export const RETRIABLE: readonly RobotStatus[] = ['FAILED'];
export const CANCELLABLE: readonly RobotStatus[] = ['PENDING', 'PROCESSING', 'RETRYING'];
const TOLD_REFUSALS = 3;

/** The same to several robots, one after the other; what is refused is told with the reason. */
export function useRobotOrders() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useMutation({
    mutationFn: async ({ ids, what }: { ids: readonly string[]; what: 'retry' | 'cancel' }) => {
      const refused: string[] = [];
      for (const robotId of ids) {
        const params = { path: { robotId } };
        try {
          if (what === 'retry') await data(api.POST('/api/robots/{robotId}/retry', { params }));
          else await data(api.POST('/api/robots/{robotId}/cancel', { params, body: {} }));
        } catch (error) {
          refused.push(problemText(error, t));
        }
      }
      return refused;
    },
    onSuccess: (refused, { ids, what }) => {
      const count = ids.length - refused.length;
      if (count > 0) notify('done', t(`automation.many.${what}Done`, { count }));
      const reasons = [...new Set(refused)];
      for (const reason of reasons.slice(0, TOLD_REFUSALS)) notify('failed', reason);
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.robots.all }),
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
