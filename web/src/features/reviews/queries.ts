import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { Judge } from '@/shared/api/types';
import { useAction } from '@/shared/ui/useAction';

const MOST_WAITING = 200;
// That one was asked for is heard at once; that somebody else has decided is looked up now and then.
const DECIDED_EVERY_MS = 60_000;

/** Results that wait for a person, the oldest first. */
export const reviewsQuery = queryOptions({
  queryKey: keys.reviews.waiting,
  queryFn: ({ signal }) =>
    data(api.GET('/api/reviews', { params: { query: { limit: MOST_WAITING } }, signal })),
  refetchInterval: DECIDED_EVERY_MS,
});

/** The last review of a robot (by id). */
export function reviewQuery(robotId: string) {
  return queryOptions({
    queryKey: keys.reviews.one(robotId),
    queryFn: ({ signal }) =>
      data(api.GET('/api/robots/{robotId}/review', { params: { path: { robotId } }, signal })),
  });
}

/** Says what becomes of a held result. */
export function useJudge(robotId: string) {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: (body: Judge) =>
      data(api.POST('/api/robots/{robotId}/review', { params: { path: { robotId } }, body })),
    after: () => {
      void queries.invalidateQueries({ queryKey: keys.reviews.all });
      void queries.invalidateQueries({ queryKey: keys.robots.all });
    },
    said: (_robot, { decision, outputData }) => t(`reviews.was.${outputData ? 'corrected' : decision}`),
  });
}
