import type { ReactNode } from 'react';

/** Something that one can go to or do. */
export interface PaletteEntry {
  id: string;
  group: 'page' | 'action' | 'project' | 'task';
  text: string;
  /** What stands before it: a task's key. */
  key?: string;
  icon?: ReactNode;
  /** The keys that do the same. */
  keys?: string;
  run: () => void;
}

const MOST_SHOWN = 50;

/** Entries that have all words, those first whose key or text begins with what was typed. */
export function found(entries: readonly PaletteEntry[], typed: string): PaletteEntry[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return entries.filter(({ group }) => group !== 'task').slice(0, MOST_SHOWN);
  const words = wanted.split(/\s+/);
  const ranked: { entry: PaletteEntry; rank: number }[] = [];
  for (const entry of entries) {
    const text = `${entry.key ?? ''} ${entry.text}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const key = entry.key?.toLowerCase();
    const rank =
      key === wanted ? 0 : entry.text.toLowerCase().startsWith(wanted) ? 1 : key?.startsWith(wanted) ? 2 : 3;
    ranked.push({ entry, rank });
  }
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST_SHOWN)
    .map(({ entry }) => entry);
}
