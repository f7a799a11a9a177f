import { useSyncExternalStore } from 'react';

export interface Notice {
  id: number;
  tone: 'done' | 'failed';
  text: string;
  /** What can be done about it, as taking it back. */
  action?: NoticeAction;
}

export interface NoticeAction {
  text: string;
  run: () => void;
}

const SHOWN_FOR_MS = 6_000;
let notices: readonly Notice[] = [];
let lastId = 0;
const watchers = new Set<() => void>();

function set(next: readonly Notice[]): void {
  notices = next;
  for (const watcher of watchers) watcher();
}

/** Says something in the corner of the page. What failed stays until it is dismissed. */
export function notify(tone: Notice['tone'], text: string, action?: NoticeAction): void {
  const id = (lastId += 1);
  set([
    ...notices.filter((notice) => notice.text !== text).slice(-2),
    { id, tone, text, ...(action && { action }) },
  ]);
  if (tone === 'done') setTimeout(() => dismiss(id), SHOWN_FOR_MS);
}

export function dismiss(id: number): void {
  set(notices.filter((notice) => notice.id !== id));
}

export function useNotices(): readonly Notice[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => notices,
  );
}
