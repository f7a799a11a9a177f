import { expect, it } from 'vitest';
import type { Group, RolloutStep } from '@/shared/api/types';
import { isTroubled, nextOf, repeats } from './trouble';

const group = (status: string, error: string | null, underWay: string | null = null) =>
  ({ status, error, underWay }) as Group;
const step = (detail: string | null) => ({ detail }) as RolloutStep;

it('says what to do where a release has come to a stop, not while it is under way', () => {
  expect(nextOf(group('failed', 'Boom.'))).toBe('failed');
  expect(nextOf(group('staging', 'Boom.'))).toBe('staging');
  expect(nextOf(group('staging', 'Boom.', 'deploy.production'))).toBeNull();
  expect(nextOf(group('staging', null))).toBeNull();
});

it('has somebody look at one that failed, also on its way to production or back', () => {
  const troubled = [group('failed', null), group('staging', 'Boom.'), group('production', 'Boom.')];
  expect(troubled.every(isTroubled)).toBe(true);
  expect([group('staging', null), group('rolled_back', 'Boom.')].some(isTroubled)).toBe(false);
});

it('knows the step that says the same as the release', () => {
  const release = group('failed', 'It ended. It is still on staging.');
  expect(repeats(release, step('It ended.'))).toBe(true);
  expect(repeats(group('failed', 'It ended.'), step('failed: It ended.'))).toBe(true);
  expect(repeats(release, step('main: a → b'))).toBe(false);
  expect(repeats(release, step(null))).toBe(false);
});
