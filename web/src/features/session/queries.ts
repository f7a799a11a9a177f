import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api, rememberCsrfToken } from '@/shared/api/client';
import type { SignIn } from '@/shared/api/types';
import { meQuery } from '@/shared/session';

/** Opens a session with the one-time code of a link, or with a key. */
export function useSignIn(onSignedIn: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: SignIn) => {
      await answer(api.POST('/api/session', { body }));
      await queries.query({ ...meQuery, staleTime: 0 });
    },
    onSuccess: onSignedIn,
  });
}

/** Ends the session and forgets everything that was read in it. */
export function useSignOut(onSignedOut: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.DELETE('/api/session')),
    onSettled: () => {
      rememberCsrfToken(null);
      onSignedOut();
      queries.clear();
    },
  });
}
