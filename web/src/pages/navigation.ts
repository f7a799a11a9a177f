import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { Address, TaskTab } from '@/shared/address';

/** The address that all pages share. */
export function useAddress(): Address {
  return useSearch({ from: '/signed-in' });
}

/** Opens a task beside the page that is shown, or closes it. */
export function useOpenTask(): (task: string | null, tab?: TaskTab) => void {
  const navigate = useNavigate();
  return useCallback(
    (task, tab) => {
      void navigate({
        to: '.',
        search: ({ task: _task, tab: _tab, ...rest }: Address) => ({
          ...rest,
          ...(task && { task }),
          ...(tab && tab !== 'overview' && { tab }),
        }),
      });
    },
    [navigate],
  );
}
