import type { ReportKind } from '@/shared/api/types';
import type { Report } from './queries';

/** What every report is shown with. */
export interface CardProps<Kind extends ReportKind> {
  report: Report<Kind>;
  /** Where it is as a file for spreadsheets. */
  csv: string;
  /** The periods that there are, the latest first. */
  periods: readonly string[];
  onPeriod: (period: string) => void;
}

/** So many bars are read at a glance; the rest is in the table. */
export const MOST_BARS = 8;

/** The largest of some figures; 0 of none. */
export function largest(figures: readonly number[]): number {
  return figures.reduce((most, each) => Math.max(most, each), 0);
}
