import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { LogLevel } from '@/shared/api/types';
import { problemText } from '@/shared/i18n/problemText';
import { useTranslation } from '@/shared/i18n/translation';
import { notify } from '@/shared/ui/notices';
import { type Log, prepended, renewed } from './lines';

const PAGE = 500;
/** A burst longer than this many pages is read from its end; the lines before it stay behind "older". */
const MOST_PAGES = 4;

/** Which lines of a task's log; what is left out does not narrow. */
export interface LogFilter {
  attempt?: string;
  level?: LogLevel;
  q?: string;
}

/** The end of a task's log. Read again it takes only what is new; the live line says when. */
export function useLogQuery(taskId: string, filter: LogFilter) {
  const queries = useQueryClient();
  const queryKey = [...keys.tasks.part(taskId, 'logs'), filter];
  return queryOptions({
    queryKey,
    queryFn: async ({ signal }): Promise<Log> => {
      const known = queries.getQueryData<Log>(queryKey);
      let log = await fetchPage(taskId, filter, undefined, signal);
      const last = known?.lines.at(-1)?.id;
      for (let page = 1; last !== undefined && page < MOST_PAGES; page += 1) {
        const first = log.lines[0];
        if (!log.older || !first || first.id <= last) break;
        log = prepended(await fetchPage(taskId, filter, first.id, signal), log);
      }
      return known ? renewed(known, log) : log;
    },
    structuralSharing: false,
  });
}

/** Reads the page before the first line. Gives how many lines came. */
export function useOlderLines(taskId: string, filter: LogFilter) {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const queryKey = [...keys.tasks.part(taskId, 'logs'), filter];
  const load = async (): Promise<number> => {
    const first = queries.getQueryData<Log>(queryKey)?.lines[0];
    if (!first || busy) return 0;
    setBusy(true);
    try {
      const page = await fetchPage(taskId, filter, first.id);
      queries.setQueryData<Log>(queryKey, (log) => log && prepended(page, log));
      return page.lines.length;
    } catch (error) {
      notify('failed', problemText(error, t));
      return 0;
    } finally {
      setBusy(false);
    }
  };
  return { load, busy };
}

async function fetchPage(
  taskId: string,
  { attempt, level, q }: LogFilter,
  before?: number,
  signal?: AbortSignal,
): Promise<Log> {
  const query = {
    limit: PAGE,
    ...(attempt && { attempt }),
    ...(level && { level }),
    ...(q && { q }),
    ...(before !== undefined && { before }),
  };
  const page = await answer(
    api.GET('/api/tasks/{task}/logs', {
      params: { path: { task: taskId }, query },
      ...(signal && { signal }),
    }),
  );
  return { lines: page.data.reverse(), older: typeof page.nextCursor === 'string' };
}
