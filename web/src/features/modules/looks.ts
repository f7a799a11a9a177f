import { CircleCheck, CircleHelp, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { HealthStatus } from '@/shared/api/types';

/** A module's health as picture, colour, and how tall its mark stands (of 1): colour alone says nothing. */
export const LOOKS: Record<HealthStatus, { icon: LucideIcon; color: string; height: number }> = {
  HEALTHY: { icon: CircleCheck, color: 'text-approved', height: 1 },
  DEGRADED: { icon: TriangleAlert, color: 'text-input', height: 0.7 },
  UNHEALTHY: { icon: CircleX, color: 'text-failed', height: 0.4 },
  UNKNOWN: { icon: CircleHelp, color: 'text-line-strong', height: 0.15 },
};
