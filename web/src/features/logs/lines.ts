import type { LogLine } from '@/shared/api/types';

/** Oldest first. `older`: there is more before the first line. */
export interface Log {
  lines: readonly LogLine[];
  older: boolean;
}

/** A log with the page that comes right before it. */
export function prepended(page: Log, log: Log): Log {
  return { lines: [...page.lines, ...log.lines], older: page.older };
}

/** What was known and the end as it is now. If lines in between were not read, the end stands alone: nothing is skipped. */
export function renewed(known: Log, end: Log): Log {
  const [first, last] = [end.lines[0], known.lines.at(-1)];
  if (!first || !last) return end;
  if (end.older && first.id > last.id) return end;
  const before = known.lines.filter((line) => line.id < first.id);
  return { lines: [...before, ...end.lines], older: before.length > 0 ? known.older : end.older };
}
