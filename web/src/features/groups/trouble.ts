import type { Group, RolloutStep } from '@/shared/api/types';

/** What people can do about a release that has failed, or that did not get further; null while it is under way. */
export function nextOf({ error, status, underWay }: Group): 'failed' | 'staging' | 'production' | null {
  if (!error || underWay) return null;
  return status === 'failed' || status === 'staging' || status === 'production' ? status : null;
}

/** Whether somebody has to look at a release: it failed, or its way on or back did. */
export function isTroubled(group: Group): boolean {
  return group.status === 'failed' || nextOf(group) !== null;
}

/** Whether a step says what the release itself says of it. */
export function repeats({ error }: Pick<Group, 'error'>, { detail }: RolloutStep): boolean {
  return !!error && !!detail && (error.includes(detail) || detail.endsWith(error));
}
