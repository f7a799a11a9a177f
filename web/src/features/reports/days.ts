import type { CapacityLine } from '@/shared/api/types';
import { daysOf } from './periods';

const DAY_MS = 86_400_000;

/** A module's month: each of its days, with its line where something was counted. */
export interface ModuleMonth {
  moduleName: string;
  days: { day: string; line: CapacityLine | null }[];
  /** The highest of the shares of minutes in which it was full, and the longest mean wait, in milliseconds. */
  fullShare: number;
  queueMs: number;
}

/** The lines of a month (as "2026-11") by module; those that were fullest first. */
export function monthsOf(lines: readonly CapacityLine[], period: string): ModuleMonth[] {
  const span = daysOf(period);
  if (!span) return [];
  const count = Math.round((span.last.getTime() - span.first.getTime()) / DAY_MS) + 1;
  const days = Array.from({ length: count }, (_, place) =>
    new Date(span.first.getTime() + place * DAY_MS).toISOString().slice(0, 10),
  );
  const modules = new Map<string, CapacityLine[]>();
  for (const line of lines) modules.set(line.moduleName, [...(modules.get(line.moduleName) ?? []), line]);
  return [...modules]
    .map(([moduleName, mine]) => {
      const byDay = new Map(mine.map((line) => [line.day, line]));
      return {
        moduleName,
        days: days.map((day) => ({ day, line: byDay.get(day) ?? null })),
        fullShare: Math.max(...mine.map(({ fullShare }) => fullShare)),
        queueMs: Math.max(...mine.map(({ avgQueueMs }) => avgQueueMs)),
      };
    })
    .sort((a, b) => b.fullShare - a.fullShare || a.moduleName.localeCompare(b.moduleName));
}
