import { useSyncExternalStore } from 'react';
import { recall, remember } from './storage';

export type Theme = 'system' | 'light' | 'dark';

// `public/theme.js` reads the same name before the first paint.
const STORED_AS = 'aiworker.theme';
const watchers = new Set<() => void>();

function current(): Theme {
  const stored = document.documentElement.dataset['theme'] ?? recall(STORED_AS);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  remember(STORED_AS, theme === 'system' ? null : theme);
  for (const watcher of watchers) watcher();
}

/** The chosen theme; `system` follows the system by style sheet alone. */
export function useTheme(): Theme {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, current);
}
