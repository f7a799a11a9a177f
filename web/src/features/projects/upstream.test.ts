import { expect, test } from 'vitest';
import type { Project } from '@/shared/api/types';
import { isUpstreamTroubled } from './upstream';

type Standing = NonNullable<Project['upstreamState']>['standing'];

const project = (standing: Standing, status: Project['status'] = 'active') => ({
  status,
  upstreamState: { standing, checkedAt: '2026-09-01T12:00:00Z' },
});

test('a project that is in step, or ahead of its upstream, waits for nobody', () => {
  expect(isUpstreamTroubled(project('in_step'))).toBe(false);
  expect(isUpstreamTroubled(project('ahead'))).toBe(false);
  expect(isUpstreamTroubled({ status: 'active', upstreamState: null })).toBe(false);
});

test('a project that has gone apart from its upstream waits for a person, unless it is archived', () => {
  expect(isUpstreamTroubled(project('diverged'))).toBe(true);
  expect(isUpstreamTroubled(project('no_repository'))).toBe(true);
  expect(isUpstreamTroubled(project('diverged', 'archived'))).toBe(false);
});
