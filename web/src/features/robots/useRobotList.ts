import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { keys } from '@/shared/api/keys';
import { asked, letIn, type RobotFilters, type RobotList, withMore, withRows } from '@/shared/live/robots';
import { fetchRobots, fetchSome, robotListQuery } from './queries';

// Rows that go by while somebody scrolls fast need not be read.
const LOOKS_AFTER_MS = 250;
const READ_AT_ONCE = 100;

/** A list of robots that grows at its end as one scrolls, learns what is new, and reads anew the rows that are seen. */
export function useRobotList(filters: RobotFilters) {
  const queries = useQueryClient();
  const query = useQuery(robotListQuery(filters));
  const key = useMemo(() => keys.robots.list(filters), [filters]);
  const [failed, setFailed] = useState<unknown>(null);
  const busy = useRef(new Set<string>());
  const looking = useRef<ReturnType<typeof setTimeout>>(undefined);

  const list = useCallback(() => queries.getQueryData<RobotList>(key), [queries, key]);
  const change = useCallback(
    (changed: (old: RobotList) => RobotList) =>
      queries.setQueryData<RobotList>(key, (old) => old && changed(old)),
    [queries, key],
  );
  /** One request of a kind at a time; what it failed of is told until it works. */
  const once = useCallback(async (kind: string, request: () => Promise<void>) => {
    if (busy.current.has(kind)) return;
    busy.current.add(kind);
    try {
      await request();
      setFailed(null);
    } catch (error) {
      setFailed(error);
    } finally {
      busy.current.delete(kind);
    }
  }, []);

  const more = useCallback(() => {
    const cursor = list()?.next;
    if (!cursor) return;
    void once('more', async () => {
      const page = await fetchRobots(filters, cursor);
      // It may have begun anew meanwhile.
      change((old) => (old.next === cursor ? withMore(old, page) : old));
    });
  }, [list, once, filters, change]);

  const showNew = useCallback(() => {
    void once('new', async () => {
      const page = await fetchRobots(filters, null);
      change((old) => letIn(old, page));
    });
  }, [once, filters, change]);

  /** These rows are in sight: those of them that are not what they were are read anew. */
  const see = useCallback(
    (ids: readonly string[]) => {
      clearTimeout(looking.current);
      looking.current = setTimeout(() => {
        const outdated = list()?.outdated;
        const wanted = ids.filter((id) => outdated?.has(id)).slice(0, READ_AT_ONCE);
        if (wanted.length === 0) return;
        void once('some', async () => {
          change((old) => asked(old, wanted));
          const robots = await fetchSome(wanted);
          change((old) => withRows(old, robots));
        });
      }, LOOKS_AFTER_MS);
    },
    [list, once, change],
  );
  return { query, failed, more, showNew, see };
}
