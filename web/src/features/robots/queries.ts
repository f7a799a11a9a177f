import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { answer, api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { RobotStatus } from '@/shared/api/types';
import { type RobotList, refreshed, showsSystem } from '@/shared/live/robots';
import { problemText } from '@/shared/i18n/problemText';
import { notify } from '@/shared/ui/notices';
import { useAction } from '@/shared/ui/useAction';
import type { RobotFilters } from './filters';

const PAGE = 100;
// The server looks at due dates each minute.
const FORECAST_EVERY_MS = 60_000;

/** A page of robots, newest first; without a cursor the first one. */
export function fetchRobots(filters: RobotFilters, cursor: string | null) {
  const { status, type, module, batch, named, late } = filters;
  const query = {
    limit: PAGE,
    ...(cursor && { cursor }),
    ...(status && { status }),
    ...(type && { robotType: type }),
    ...(module && { moduleName: module }),
    ...(batch && { correlationId: batch }),
    ...(named && { named }),
    ...(late && { atRisk: late }),
    ...(!showsSystem(filters) && { system: false }),
  };
  return answer(api.GET('/api/robots', { params: { query } }));
}

/** Those of the robots, by id, that there are; up to 100. */
export function fetchSome(robotId: string[]) {
  return data(api.GET('/api/robots/some', { params: { query: { robotId } } }));
}

/** The list as far as somebody has scrolled; read anew it only learns what is new at its top. */
export function robotListQuery(filters: RobotFilters) {
  return queryOptions({
    queryKey: keys.robots.list(filters),
    queryFn: async ({ client, queryKey }): Promise<RobotList> => {
      const page = await fetchRobots(filters, null);
      return refreshed(client.getQueryData<RobotList>(queryKey), page);
    },
    // Comparing thousands of robots field by field would take longer than drawing the few that are in sight.
    structuralSharing: false,
    ...(filters.late && { refetchInterval: FORECAST_EVERY_MS }),
  });
}

/** Those that will probably miss their due date, or have missed it; up to 100 of them. */
export const lateQuery = queryOptions({
  queryKey: keys.robots.late,
  queryFn: ({ signal }) =>
    data(api.GET('/api/robots', { params: { query: { atRisk: true, limit: PAGE } }, signal })),
  refetchInterval: FORECAST_EVERY_MS,
});

/** How many robots of each status there are; of a search the list itself says that. */
export function countsQuery(filters: RobotFilters) {
  const { type, module, batch } = filters;
  const system = showsSystem(filters);
  return queryOptions({
    queryKey: keys.robots.counts({ type, module, batch, system }),
    queryFn: ({ signal }) => {
      const query = {
        ...(type && { robotType: type }),
        ...(module && { moduleName: module }),
        ...(batch && { correlationId: batch }),
        ...(!system && { system }),
      };
      return data(api.GET('/api/robots/counts', { params: { query }, signal }));
    },
    placeholderData: (before) => before,
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
    pause: useAction({
      act: () => data(api.POST('/api/robots/{robotId}/pause', { params, body: {} })),
      after,
      said: () => t('automation.robot.wasPaused'),
    }),
    resume: useAction({
      act: () => data(api.POST('/api/robots/{robotId}/resume', { params })),
      after,
      said: () => t('automation.robot.wasResumed'),
    }),
  };
}
