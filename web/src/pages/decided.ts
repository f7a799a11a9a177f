import { useSyncExternalStore } from 'react';

let decided: ReadonlySet<string> = new Set();
const watchers = new Set<() => void>();

/** What was decided in the inbox, and is not sent yet or not yet known to the lists, by the item's id. */
export function useDecided(): ReadonlySet<string> {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => decided,
  );
}

export function setDecided(id: string, on: boolean): void {
  const next = new Set(decided);
  if (on) next.add(id);
  else next.delete(id);
  decided = next;
  for (const watcher of watchers) watcher();
}
