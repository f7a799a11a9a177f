import { queryOptions } from '@tanstack/react-query';
import { answer, api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { problemFrom } from '@/shared/api/problem';
import type { ReportKind } from '@/shared/api/types';
import type { Lines } from './kinds';

// They are made in the background, every quarter of an hour at the most.
const MADE_EVERY_MS = 300_000;
const MOST_PERIODS = 500;

/** A report of one kind: what it counted, and when. `madeAt` is null while there is none. */
export interface Report<Kind extends ReportKind> {
  period: string;
  madeAt: string | null;
  /** When it is counted again, if it is. */
  nextAt: string | null;
  complete: boolean;
  lines: Lines[Kind][];
}

/** Which reports there are, the latest periods first. */
export const storedQuery = queryOptions({
  queryKey: keys.reports.stored,
  queryFn: ({ signal }) =>
    data(api.GET('/api/analytics/reports', { params: { query: { limit: MOST_PERIODS } }, signal })),
  refetchInterval: MADE_EVERY_MS,
});

type Wanted = Readonly<{ params: { query: { period?: string; system?: boolean } }; signal: AbortSignal }>;

/** The report of an answer; as text it comes only to those who ask for a file. */
async function lines<Kind extends ReportKind>(
  call: Promise<{ data?: { data: Report<Kind> } | string; error?: unknown; response: Response }>,
): Promise<Report<Kind>> {
  const body = await answer(call);
  if (typeof body === 'string') throw problemFrom(200, body);
  return body.data;
}

const READ: { [Kind in ReportKind]: (wanted: Wanted) => Promise<Report<Kind>> } = {
  bottlenecks: (wanted) => lines(api.GET('/api/analytics/bottlenecks', wanted)),
  errors: (wanted) => lines(api.GET('/api/analytics/errors', wanted)),
  performance: (wanted) => lines(api.GET('/api/analytics/performance', wanted)),
  capacity: (wanted) => lines(api.GET('/api/analytics/capacity', wanted)),
  efficiency: (wanted) => lines(api.GET('/api/analytics/efficiency', wanted)),
};

/** One report; the newest without a period. `system`: with what the system did for itself and for its tasks. */
export function reportQuery<Kind extends ReportKind>(
  kind: Kind,
  period: string | undefined,
  system: boolean,
) {
  const query = { ...(period && { period }), ...(!system && { system }) };
  return queryOptions({
    queryKey: keys.reports.one(kind, period ?? null, system),
    queryFn: ({ signal }) => READ[kind]({ params: { query }, signal }),
    refetchInterval: MADE_EVERY_MS,
  });
}

/** Where a report is as a file for spreadsheets. */
export function csvAddress(kind: ReportKind, period: string, system: boolean): string {
  const query = { period, format: 'csv', ...(!system && { system: 'false' }) };
  return `/api/analytics/${kind}?${new URLSearchParams(query)}`;
}
