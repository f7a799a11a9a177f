import type {
  BottleneckLine,
  CapacityLine,
  EfficiencyLine,
  ErrorLine,
  PerformanceLine,
  ReportKind,
} from '@/shared/api/types';

/** What a line of each report holds. */
export interface Lines {
  bottlenecks: BottleneckLine;
  errors: ErrorLine;
  performance: PerformanceLine;
  capacity: CapacityLine;
  efficiency: EfficiencyLine;
}

/** In the order in which people ask. */
export const KINDS = [
  'bottlenecks',
  'errors',
  'performance',
  'capacity',
  'efficiency',
] as const satisfies readonly ReportKind[];

/** Which period of each report is shown, as it stands in the address; the newest where none is named. */
export type ChosenPeriods = Partial<Record<ReportKind, string>>;

// A day, a week, a month.
const PERIOD = /^\d{4}-(\d{2}-\d{2}|W\d{2}|\d{2})$/;

/** Reads periods that may have been typed by hand: what is none is left out. */
export function readPeriods(search: Record<string, unknown>): ChosenPeriods {
  const found: ChosenPeriods = {};
  for (const kind of KINDS) {
    const period = search[kind];
    if (typeof period === 'string' && PERIOD.test(period)) found[kind] = period;
  }
  return found;
}
