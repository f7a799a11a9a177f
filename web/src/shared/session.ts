import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, data, rememberCsrfToken } from './api/client';
import { keys } from './api/keys';
import type { Me } from './api/types';

export type Permission = 'read' | 'tasks' | 'approve' | 'ship' | 'projects' | 'work' | 'modules' | 'admin';

/** Who is signed in; a Problem with status 401 if nobody is. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: async ({ signal }): Promise<Me> => {
    const me = await data(api.GET('/api/me', { signal }));
    rememberCsrfToken(me.csrfToken ?? null);
    return me;
  },
  staleTime: Infinity,
});

/** Whether the one who is signed in may do something. The server asks again, of course. */
export function useMay(): (permission: Permission) => boolean {
  const { data: me } = useQuery(meQuery);
  return (permission) => me?.permissions.includes(permission) ?? false;
}
