import type { HealthStatus, ModuleHistory, ScorePoint } from '@/shared/api/types';

const DAY_MS = 24 * 3_600_000;
// Scores that differ by less than this look the same: a steady module has a flat line.
const LEAST_SPAN = 0.1;

/** A piece of a module's day: the worst that it was in it. */
export interface Mark {
  status: HealthStatus;
  from: Date;
  to: Date;
}

/** The pieces of a day, the oldest first. */
export function marksOf({ health, healthFrom }: ModuleHistory): Mark[] {
  const start = new Date(healthFrom).getTime();
  const each = DAY_MS / Math.max(1, health.length);
  return health.map((status, place) => ({
    status,
    from: new Date(start + place * each),
    to: new Date(start + (place + 1) * each),
  }));
}

/** How many pieces of the day it was how, those that occur, the worst first. */
export function countsOf(health: readonly HealthStatus[]): { status: HealthStatus; count: number }[] {
  const order: readonly HealthStatus[] = ['UNHEALTHY', 'DEGRADED', 'HEALTHY', 'UNKNOWN'];
  return order
    .map((status) => ({ status, count: health.filter((each) => each === status).length }))
    .filter(({ count }) => count > 0);
}

/** Scores as points of a line in a box of 100 by 100, by their time since `from`; none for fewer than two. */
export function sparkOf(scores: readonly Pick<ScorePoint, 'scoredAt' | 'score'>[], from: string): string {
  if (scores.length < 2) return '';
  const values = scores.map(({ score }) => score);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = Math.max(LEAST_SPAN, high - low);
  const floor = (low + high - span) / 2;
  const start = new Date(from).getTime();
  return scores
    .map(({ scoredAt, score }) => {
      const x = Math.min(100, Math.max(0, ((new Date(scoredAt).getTime() - start) / DAY_MS) * 100));
      return `${round(x)},${round(100 - ((score - floor) / span) * 100)}`;
    })
    .join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
