import type { Group } from '@/shared/api/types';
import { isTroubled } from './trouble';

/** Of each project its newest release, if somebody has to look at it; an older failure was followed by something better. */
export function newestFailed(groups: readonly Group[]): Group[] {
  const newest = new Map<string, Group>();
  for (const group of groups) {
    const known = newest.get(group.projectId);
    if (!known || known.number < group.number) newest.set(group.projectId, group);
  }
  return [...newest.values()].filter(isTroubled);
}
