import type { Group } from '@/shared/api/types';

/** Releases by where they stand or are on their way to; `past` are those that one only looks back at. */
export interface ReleaseLanes {
  staging: Group[];
  production: Group[];
  past: Group[];
}

const TO_PRODUCTION = 'deploy.production';

/** Sorts a project's releases, newest first, into lanes. */
export function releaseLanes(groups: readonly Group[]): ReleaseLanes {
  const lanes: ReleaseLanes = { staging: [], production: [], past: [] };
  const newest = groups[0]?.id;
  const running = groups.find(({ status }) => status === 'production')?.id;
  for (const group of groups) lanes[laneOf(group, newest, running)].push(group);
  return lanes;
}

/** The number of the release that runs again when this one is rolled back; null if it is the first. */
export function releaseBefore(group: Group, groups: readonly Group[]): number | null {
  const stood = group.status === 'production' ? ['production'] : ['production', 'staging'];
  const older = groups.filter(({ number, status }) => number < group.number && stood.includes(status));
  return older.length > 0 ? Math.max(...older.map(({ number }) => number)) : null;
}

function laneOf(group: Group, newest: string | undefined, running: string | undefined): keyof ReleaseLanes {
  if (group.underWay === TO_PRODUCTION) return 'production';
  switch (group.status) {
    case 'pending':
    case 'staging':
      return 'staging';
    case 'production':
      return group.id === running || group.underWay ? 'production' : 'past';
    // An older failure was followed by something better.
    case 'failed':
      return group.id === newest ? 'staging' : 'past';
    case 'rolled_back':
    case 'withdrawn':
      return group.underWay ? 'staging' : 'past';
  }
}
