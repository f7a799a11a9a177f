import { useSyncExternalStore } from 'react';

const TICK_MS = 1_000;
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of watchers) each();
  }, TICK_MS);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** A text made from the current time, for example "4 min". The component renders again only when the text changes. */
export function useTicking(text: (now: Date) => string): string {
  return useSyncExternalStore(watch, () => text(new Date(now)));
}
