import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';

const LOOKED_UP_EVERY_MS = 15_000;

/** How the server is, and those it works with. */
export const healthQuery = queryOptions({
  queryKey: keys.health,
  queryFn: ({ signal }) => answer(api.GET('/api/health', { signal })),
  refetchInterval: LOOKED_UP_EVERY_MS,
});
