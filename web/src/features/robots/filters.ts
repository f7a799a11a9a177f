import type { RobotStatus } from '@/shared/api/types';
import type { RobotFilters } from '@/shared/live/robots';

export type { RobotFilters };

export const ROBOT_STATUSES = [
  'PENDING',
  'PROCESSING',
  'RETRYING',
  'FAILED',
  'COMPLETED',
  'CANCELLED',
] as const satisfies readonly RobotStatus[];

export const FILTERS = [
  'status',
  'type',
  'module',
  'batch',
  'named',
  'late',
  'system',
] as const satisfies readonly (keyof RobotFilters)[];

/** Reads filters that may have been typed by hand, as they stand in the address: what makes no sense is left out. */
export function readFilters(search: Record<string, unknown>): RobotFilters {
  const { status, type, module, batch, named, late, system } = search;
  const known = ROBOT_STATUSES.find((each) => each === status);
  return {
    ...(known && { status: known }),
    ...(isName(type) && { type }),
    ...(isName(module) && { module }),
    ...(isName(batch) && { batch }),
    ...(isName(named) && { named }),
    ...(late === true && { late }),
    ...(system === true && { system }),
  };
}

export function sameFilters(a: RobotFilters, b: RobotFilters): boolean {
  return FILTERS.every((name) => a[name] === b[name]);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 100;
}
