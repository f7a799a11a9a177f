import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { Filters } from '@/features/tasks/filters';
import type { LanesBy } from '@/features/tasks/lanes';
import type { Address, TaskTab } from '@/shared/address';

/** The address that all pages share. */
export function useAddress(): Address {
  return useSearch({ from: '/signed-in' });
}

/** The project whose tasks are shown, by key; null: all. For what has no use for the rest of the address. */
export function useProject(): string | null {
  return useSearch({ from: '/signed-in', select: ({ project }) => project ?? null });
}

/** The task that is open beside the page, and which part of it. */
export function useOpened(): { task: string | null; tab: TaskTab } {
  const task = useSearch({ from: '/signed-in', select: (address) => address.task ?? null });
  const tab = useSearch({ from: '/signed-in', select: (address) => address.tab ?? 'overview' });
  return { task, tab };
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

/** Whether the board stands in lanes, as the address says; and how to change that. */
export function useLanes(): [LanesBy | null, (by: LanesBy | null) => void] {
  const { lanes = null } = useAddress();
  const navigate = useNavigate();
  const change = useCallback(
    (by: LanesBy | null) =>
      void navigate({
        to: '.',
        replace: true,
        search: ({ lanes: _, ...rest }: Address) => ({ ...rest, ...(by && { lanes: by }) }),
      }),
    [navigate],
  );
  return [lanes, change];
}

/** Which cards of the board are shown, as the address says; and how to change that. */
export function useBoardFilters(): [Filters, (filters: Filters) => void] {
  const { q, priority, agent, waiting } = useAddress();
  const navigate = useNavigate();
  const filters = useMemo(
    () => ({
      ...(q && { q }),
      ...(priority && { priority }),
      ...(agent && { agent }),
      ...(waiting && { waiting }),
    }),
    [q, priority, agent, waiting],
  );
  const change = useCallback(
    (next: Filters) =>
      void navigate({
        to: '.',
        replace: true,
        search: ({ q: _q, priority: _p, agent: _a, waiting: _w, ...rest }: Address) => ({ ...rest, ...next }),
      }),
    [navigate],
  );
  return [filters, change];
}
