import { expect, it } from 'vitest';
import type { Group } from '@/shared/api/types';
import { newestFailed } from './newest';

const group = (projectId: string, number: number, status: string) => ({ projectId, number, status }) as Group;

it('tells of a failure only while nothing newer was shipped', () => {
  const groups = [
    group('shop', 2, 'staging'),
    group('shop', 1, 'failed'),
    group('docs', 4, 'failed'),
    group('docs', 3, 'production'),
  ];
  expect(newestFailed(groups).map(({ projectId }) => projectId)).toEqual(['docs']);
});
