import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { LoadProblem } from './LoadProblem';
import { Skeleton } from './Skeleton';

interface LoadedProps<T> {
  found: Pick<UseQueryResult<T>, 'data' | 'isError' | 'error' | 'refetch'>;
  /** The size of what is on its way. */
  className?: string;
  children: (data: T) => ReactNode;
}

/** What was asked for; until it has come its place, and if it does not come the reason. */
export function Loaded<T>({ found, className = 'h-72 rounded-card', children }: LoadedProps<T>) {
  if (found.data !== undefined) return children(found.data);
  if (found.isError) return <LoadProblem error={found.error} onRetry={() => void found.refetch()} />;
  return <Skeleton className={className} />;
}
