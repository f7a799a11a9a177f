import type { RobotStatus } from '@/shared/api/types';

export const ROBOT_STATUSES = [
  'PENDING',
  'PROCESSING',
  'RETRYING',
  'FAILED',
  'COMPLETED',
  'CANCELLED',
] as const satisfies readonly RobotStatus[];

/** Which robots are shown, as it stands in the address. */
export interface RobotFilters {
  status?: RobotStatus;
  type?: string;
  module?: string;
  batch?: string;
}

/** Reads filters that may have been typed by hand: what makes no sense is left out. */
export function readFilters(search: Record<string, unknown>): RobotFilters {
  const { status, type, module, batch } = search;
  const known = ROBOT_STATUSES.find((each) => each === status);
  return {
    ...(known && { status: known }),
    ...(isName(type) && { type }),
    ...(isName(module) && { module }),
    ...(isName(batch) && { batch }),
  };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 100;
}
