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
const KINDS = [
  'bottlenecks',
  'errors',
  'performance',
  'capacity',
  'efficiency',
] as const satisfies readonly ReportKind[];

/**
 * What is shown, as it stands in the address: which period of each report (the newest where none is named), and whether
 * what the system did for itself and for its tasks counts.
 */
export type ChosenReports = Partial<Record<ReportKind, string>> & { system?: true };

// A day, a week, a month.
const PERIOD = /^\d{4}-(\d{2}-\d{2}|W\d{2}|\d{2})$/;

export const CHOSEN = [...KINDS, 'system'] as const satisfies readonly (keyof ChosenReports)[];

/** Reads what may have been typed by hand: what makes no sense is left out. */
export function readReports(search: Record<string, unknown>): ChosenReports {
  const found: ChosenReports = search['system'] === true ? { system: true } : {};
  for (const kind of KINDS) {
    const period = search[kind];
    if (typeof period === 'string' && PERIOD.test(period)) found[kind] = period;
  }
  return found;
}
