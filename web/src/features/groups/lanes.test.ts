import { expect, it } from 'vitest';
import type { Group } from '@/shared/api/types';
import { releaseBefore, releaseLanes } from './lanes';

function release(number: number, status: Group['status'], underWay: string | null = null): Group {
  return { id: `g-${number}`, number, status, underWay } as Group;
}

function numbers(groups: readonly Group[]) {
  const lanes = releaseLanes(groups);
  return {
    staging: lanes.staging.map(({ number }) => number),
    production: lanes.production.map(({ number }) => number),
    past: lanes.past.map(({ number }) => number),
  };
}

it('shows what is on its way or stands in staging, what runs in production, and the rest as past', () => {
  const groups = [
    release(6, 'pending', 'merge.group'),
    release(5, 'staging'),
    release(4, 'production'),
    release(3, 'production'),
    release(2, 'rolled_back'),
    release(1, 'withdrawn'),
  ];
  expect(numbers(groups)).toEqual({ staging: [6, 5], production: [4], past: [3, 2, 1] });
});

it('shows a release that is being promoted where it goes', () => {
  const groups = [release(2, 'staging', 'deploy.production'), release(1, 'production')];
  expect(numbers(groups)).toEqual({ staging: [], production: [2, 1], past: [] });
});

it('keeps a failure in sight until something newer was tried', () => {
  expect(numbers([release(1, 'failed')])).toEqual({ staging: [1], production: [], past: [] });
  expect(numbers([release(2, 'staging'), release(1, 'failed')])).toEqual({
    staging: [2],
    production: [],
    past: [1],
  });
});

it('knows what a rollback goes back to', () => {
  const groups = [
    release(5, 'staging'),
    release(4, 'withdrawn'),
    release(3, 'production'),
    release(2, 'rolled_back'),
    release(1, 'production'),
  ];
  expect(releaseBefore(release(5, 'staging'), groups)).toBe(3);
  expect(releaseBefore(release(3, 'production'), groups)).toBe(1);
  expect(releaseBefore(release(1, 'production'), groups)).toBeNull();
});
