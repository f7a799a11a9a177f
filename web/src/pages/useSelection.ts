import { useCallback, useMemo, useState } from 'react';
import type { Task } from '@/shared/api/types';

const NONE: ReadonlySet<string> = new Set();

/** Which of the tasks that are shown are ticked; what is filtered away or gone is not. */
export function useSelection(shown: readonly Task[]) {
  const [ids, setIds] = useState(NONE);
  const toggle = useCallback((id: string) => {
    setIds((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const clear = useCallback(() => setIds(NONE), []);
  /** What was done needs no tick any more; others, ticked meanwhile, keep theirs. */
  const unselect = useCallback((done: readonly Task[]) => {
    setIds((old) => new Set([...old].filter((id) => !done.some((task) => task.id === id))));
  }, []);
  const tasks = useMemo(() => (ids.size > 0 ? shown.filter(({ id }) => ids.has(id)) : []), [shown, ids]);
  return { ids, tasks, toggle, clear, unselect };
}
