import type { Project } from '@/shared/api/types';

const WELL = new Set(['in_step', 'ahead']);

/** Whether a person has to do something about the repository that a project came from. */
export function isUpstreamTroubled(project: Pick<Project, 'status' | 'upstreamState'>): boolean {
  const state = project.upstreamState;
  return project.status !== 'archived' && Boolean(state) && !WELL.has(state?.standing ?? 'in_step');
}
