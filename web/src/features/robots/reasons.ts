import type { HealthStatus, Robot } from '@/shared/api/types';

export interface RobotError {
  message: string;
  /** All that was kept of it, for whoever mends it. */
  details: Record<string, unknown>;
}

/** What went wrong with a robot at last, in words and in full; null if nothing did. */
export function errorOf(robot: Pick<Robot, 'errorDetails' | 'errorCategory'>): RobotError | null {
  const details = robot.errorDetails;
  if (!details) return null;
  const { message } = details;
  const said = typeof message === 'string' && message !== '' ? message : robot.errorCategory;
  return { message: said ?? '', details };
}

export interface Considered {
  module: string;
  health: HealthStatus;
  score: number;
  capacity: number;
  figure: number;
  chosen: boolean;
}

export interface Decision {
  why: string;
  considered: Considered[];
}

/** The routing decision as it was written down with the robot; null if there is none to be read. */
export function decisionOf(robot: Pick<Robot, 'routingDecision' | 'moduleName'>): Decision | null {
  const decision = robot.routingDecision;
  const rows: unknown = decision?.['considered'];
  if (!decision || !Array.isArray(rows)) return null;
  const considered = rows.flatMap((row: unknown): Considered[] => {
    if (typeof row !== 'object' || row === null) return [];
    const { module, health, score, capacity, figure } = row as Partial<Record<keyof Considered, unknown>>;
    if (typeof module !== 'string') return [];
    return [
      {
        module,
        health: isHealth(health) ? health : 'UNKNOWN',
        score: Number(score),
        capacity: Number(capacity),
        figure: Number(figure),
        chosen: module === decision['chosen'],
      },
    ];
  });
  const { why } = decision;
  return { why: typeof why === 'string' ? why : '', considered };
}

const HEALTHS: readonly unknown[] = ['HEALTHY', 'DEGRADED', 'UNHEALTHY', 'UNKNOWN'];

function isHealth(value: unknown): value is HealthStatus {
  return HEALTHS.includes(value);
}
