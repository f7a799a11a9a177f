import { useSyncExternalStore } from 'react';
import { recall, remember } from '@/shared/storage';
import { readFilters, type RobotFilters } from './filters';

const STORED_AS = 'aiworker.robotFilters';
const MOST_KEPT = 20;
const LONGEST_NAME = 40;

export interface SavedFilter {
  name: string;
  filters: RobotFilters;
}

let kept: readonly SavedFilter[] = parseSaved(recall(STORED_AS));
const watchers = new Set<() => void>();

/** Filters that were given a name in this browser, by name. */
export function useSavedFilters(): readonly SavedFilter[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => kept,
  );
}

export function saveFilter(name: string, filters: RobotFilters): void {
  const short = name.trim().slice(0, LONGEST_NAME);
  if (short)
    keep([...kept.filter((each) => each.name !== short), { name: short, filters }].slice(-MOST_KEPT));
}

export function forgetFilter(name: string): void {
  keep(kept.filter((each) => each.name !== name));
}

/** What was stored, as far as it makes sense: it may have been written by another version, or by hand. */
export function parseSaved(stored: string | null): SavedFilter[] {
  try {
    const found: unknown = JSON.parse(stored ?? '[]');
    if (!Array.isArray(found)) return [];
    return found.flatMap((each: unknown) => {
      const { name, filters } = (each ?? {}) as { name?: unknown; filters?: unknown };
      if (typeof name !== 'string' || !name || typeof filters !== 'object' || filters === null) return [];
      return [
        { name: name.slice(0, LONGEST_NAME), filters: readFilters(filters as Record<string, unknown>) },
      ];
    });
  } catch {
    return [];
  }
}

function keep(next: readonly SavedFilter[]): void {
  kept = [...next].sort((a, b) => a.name.localeCompare(b.name));
  remember(STORED_AS, kept.length > 0 ? JSON.stringify(kept) : null);
  for (const watcher of watchers) watcher();
}
