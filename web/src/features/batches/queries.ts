import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { answer, api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { NewRobot, RefusedRobot } from '@/shared/api/types';
import { useAction } from '@/shared/ui/useAction';
import { isUnderWay } from './progress';

const PAGE = 50;
const SHOWN_FAILED = 20;
// The server takes 10,000 robots and 8 MiB in one request.
const ROBOTS_AT_ONCE = 10_000;
const BYTES_AT_ONCE = 7_000_000;
// The estimate moves on, also while nothing ends.
const ESTIMATES_EVERY_MS = 10_000;

/** Batches, newest first, each with how far it is. */
export const batchesQuery = infiniteQueryOptions({
  queryKey: keys.batches.list,
  queryFn: ({ pageParam, signal }) => {
    const query = { limit: PAGE, ...(pageParam && { cursor: pageParam }) };
    return answer(api.GET('/api/robots/batches', { params: { query }, signal }));
  },
  initialPageParam: '',
  getNextPageParam: (page) => page.nextCursor ?? undefined,
});

/** What modules have said about types of robots. */
export const typesQuery = queryOptions({
  queryKey: keys.robots.types,
  queryFn: ({ signal }) => data(api.GET('/api/robots/types', { signal })),
});

/** How far the robots of one batch are. */
export function batchQuery(correlationId: string) {
  return queryOptions({
    queryKey: keys.batches.one(correlationId),
    queryFn: ({ signal }) => {
      const params = { path: { correlationId } };
      return data(api.GET('/api/robots/batches/{correlationId}', { params, signal }));
    },
    refetchInterval: ({ state }) =>
      state.data && isUnderWay(state.data) && state.data.startedAt ? ESTIMATES_EVERY_MS : false,
  });
}

/** The last robots of a batch that failed. */
export function failedQuery(correlationId: string) {
  return queryOptions({
    queryKey: keys.batches.failed(correlationId),
    queryFn: ({ signal }) => {
      const query = { correlationId, status: 'FAILED', limit: SHOWN_FAILED } as const;
      return data(api.GET('/api/robots', { params: { query }, signal }));
    },
  });
}

/** What a person can do with a batch. */
export function useBatchActions(correlationId: string) {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const params = { path: { correlationId } };
  const after = () => void queries.invalidateQueries({ queryKey: keys.batches.all });
  return {
    cancel: useAction({
      act: () => data(api.POST('/api/robots/batches/{correlationId}/cancel', { params, body: {} })),
      after,
      said: ({ moved }) => t('batches.wasCancelled', { count: moved }),
    }),
    retry: useAction({
      act: () => data(api.POST('/api/robots/batches/{correlationId}/retry', { params })),
      after,
      said: ({ moved }) => t('batches.wasRetried', { count: moved }),
    }),
  };
}

export interface Submission {
  robots: readonly NewRobot[];
  name: string;
  partial: boolean;
  onSent: (count: number) => void;
}

/** Makes robots of a file, in as many requests as it takes; all of them are one batch. */
export function useSubmitBatch() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ robots, name, partial, onSent }: Submission) => {
      const refused: RefusedRobot[] = [];
      let [correlationId, accepted, first] = [name, 0, 0];
      while (first < robots.length) {
        const portion = portionOf(robots, first);
        const query = { partial, ...(correlationId && { correlationId }) };
        const done = await data(api.POST('/api/robots/batches', { params: { query }, body: portion }));
        const before = first;
        refused.push(...done.refused.map((one) => ({ ...one, index: one.index + before })));
        correlationId = done.correlationId;
        accepted += done.accepted;
        first += portion.length;
        onSent(first);
      }
      return { correlationId, accepted, refused };
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.batches.all }),
  });
}

function portionOf(robots: readonly NewRobot[], first: number): NewRobot[] {
  const portion: NewRobot[] = [];
  let bytes = 0;
  for (const robot of robots.slice(first, first + ROBOTS_AT_ONCE)) {
    // Letters beyond ASCII take up to three bytes each.
    bytes += JSON.stringify(robot).length * 3;
    if (portion.length > 0 && bytes > BYTES_AT_ONCE) break;
    portion.push(robot);
  }
  return portion;
}
