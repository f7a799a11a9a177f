import type { Batch, RobotStatus } from '@/shared/api/types';

// Those that are over first, as a bar fills up.
const ORDER = ['COMPLETED', 'FAILED', 'CANCELLED', 'PROCESSING', 'RETRYING', 'PENDING'] as const;

/** The parts of a batch's bar, those that occur, in percent of the whole. */
export function partsOf(
  batch: Pick<Batch, 'byStatus' | 'total'>,
): { status: RobotStatus; number: number; begin: number; length: number }[] {
  let end = 0;
  return ORDER.flatMap((status) => {
    const number = batch.byStatus[status] ?? 0;
    if (number === 0) return [];
    const begin = end;
    end += (100 * number) / Math.max(1, batch.total);
    return [{ status, number, begin, length: end - begin }];
  });
}

/** How many robots are worked off in a minute: none that was cancelled, or answered from an earlier result. Null before the first. */
export function ratePerMinute(
  batch: Pick<Batch, 'byStatus' | 'done' | 'cacheHits' | 'startedAt' | 'completedAt'>,
  now: Date,
): number | null {
  const worked = batch.done - batch.cacheHits - (batch.byStatus['CANCELLED'] ?? 0);
  if (!batch.startedAt || worked <= 0) return null;
  const end = batch.completedAt ? Date.parse(batch.completedAt) : now.getTime();
  const minutes = (end - Date.parse(batch.startedAt)) / 60_000;
  return minutes > 0 ? worked / minutes : null;
}

/** A batch of which robots can still move. */
export function isUnderWay(batch: Pick<Batch, 'done' | 'total'>): boolean {
  return batch.done < batch.total;
}
