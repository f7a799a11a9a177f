import { hashKey, MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { keys } from './keys';
import { Problem } from './problem';

/** The page's memory of the server. `onSignedOut` is called when the server no longer knows the session. */
export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const watch = (error: Error) => {
    if (error instanceof Problem && error.status === 401) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        // Somebody who was never signed in is led to the sign-in page by the router; asking again here would loop.
        const stranger = hashKey(query.queryKey) === hashKey(keys.me) && query.state.data === undefined;
        if (!stranger) watch(error);
      },
    }),
    mutationCache: new MutationCache({ onError: watch }),
    defaultOptions: {
      queries: {
        // The live line says when something has changed; until then, what is here is right.
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        // Asked even if the browser believes to be offline: the server may be on this machine, and waiting silently helps nobody.
        networkMode: 'always',
        refetchOnReconnect: true,
        retry: (failures, error) => failures < 3 && error instanceof Problem && error.passing,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
