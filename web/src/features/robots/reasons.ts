import type { TFunction } from 'i18next';
import type { Execution, HealthStatus, Robot } from '@/shared/api/types';
import { isTelling, saying } from '@/shared/i18n/told';

export interface RobotError {
  message: string;
  /** All that was kept of it, for whoever mends it. */
  details: Record<string, unknown>;
}

/** What went wrong with a robot at last, in words and in full; null if nothing did. */
export function errorOf(
  robot: Pick<Robot, 'errorDetails' | 'errorCategory'>,
  t: TFunction,
): RobotError | null {
  if (!robot.errorDetails) return null;
  const { told, ...details } = robot.errorDetails;
  const { message } = details;
  const said = typeof message === 'string' && message !== '' ? message : robot.errorCategory;
  return { message: saying(said ?? '', isTelling(told) ? told : null, t), details };
}

/** How often it was tried, as far as tries count; not more than the limit once it has failed for good. */
export function triesOf({ status, retryCount }: Pick<Robot, 'status' | 'retryCount'>): number {
  const waits = status === 'PENDING' || status === 'RETRYING' || status === 'CANCELLED';
  return waits ? retryCount : retryCount + 1;
}

interface Considered {
  module: string;
  health: HealthStatus;
  score: number;
  capacity: number;
  figure: number;
  /** How many waited for it, where that decided. */
  queue: number | null;
  /** Why it could not be chosen, whatever its figure. */
  out: 'off' | 'draining' | null;
  chosen: boolean;
}

export interface Decision {
  why: string;
  considered: Considered[];
  /** The module that it waited for before. */
  movedFrom: string | null;
}

/** The routing decision as it was written down with the robot; null if there is none to be read. */
export function decisionOf(robot: Pick<Robot, 'routingDecision' | 'moduleName'>): Decision | null {
  const decision = robot.routingDecision;
  const rows: unknown = decision?.['considered'];
  if (!decision || !Array.isArray(rows)) return null;
  const considered = rows.flatMap((row: unknown): Considered[] => {
    if (typeof row !== 'object' || row === null) return [];
    const { module, health, score, capacity, figure, queue, active, draining } = row as Record<
      string,
      unknown
    >;
    if (typeof module !== 'string') return [];
    return [
      {
        module,
        health: isHealth(health) ? health : 'UNKNOWN',
        score: Number(score),
        capacity: Number(capacity),
        figure: Number(figure),
        queue: typeof queue === 'number' ? queue : null,
        out: active === false ? 'off' : draining === true ? 'draining' : null,
        chosen: module === decision['chosen'],
      },
    ];
  });
  const { why, movedFrom } = decision;
  return {
    why: typeof why === 'string' ? why : '',
    // The best first, as the decision went; what could not be chosen comes last.
    considered: considered.sort((a, b) => rank(a) - rank(b) || b.figure - a.figure),
    movedFrom: typeof movedFrom === 'string' ? movedFrom : null,
  };
}

const BY_HEALTH: readonly HealthStatus[] = ['HEALTHY', 'DEGRADED', 'UNKNOWN', 'UNHEALTHY'];

function rank({ chosen, out, health }: Considered): number {
  if (chosen) return -1;
  return out ? BY_HEALTH.length : BY_HEALTH.indexOf(health);
}

function isHealth(value: unknown): value is HealthStatus {
  return (BY_HEALTH as readonly unknown[]).includes(value);
}

/** Whether somebody paused it: while it waited, or its last try. */
export function standsStill(
  { held, status }: Pick<Robot, 'held' | 'status'>,
  last: Pick<Execution, 'executionState'> | undefined,
): boolean {
  if (status === 'PROCESSING') return last?.executionState === 'PAUSED';
  return held?.startsWith('paused') ?? false;
}

/** Why a robot that was begun does not run: a person looks at its result, or has paused it. */
export function standing(
  robot: Pick<Robot, 'status' | 'review'> & { waitingTold?: Robot['waitingTold'] },
): 'review' | 'paused' | null {
  if (robot.status !== 'PROCESSING') return null;
  if (robot.review === 'waiting') return 'review';
  return robot.waitingTold?.code === 'robot_paused' ? 'paused' : null;
}

const DONE = [
  'submitted',
  'paused',
  'resumed',
  'hastened',
  'retried',
  'cancelled',
  'accepted',
  'corrected',
  'refused',
  'sent_back',
] as const;

/** That somebody did something with a robot; `known`: one of the things that have a word of ours. */
export interface TrailLine {
  at: string;
  by: string;
  did: string;
  known: (typeof DONE)[number] | null;
  why: string | null;
}

/** What was done with a robot, the last first. It is kept as JSON: whatever else stands there is left out. */
export function trailOf({ auditTrail }: Pick<Robot, 'auditTrail'>): TrailLine[] {
  const lines = (auditTrail ?? []).flatMap(({ at, by, did, why }) => {
    if (typeof at !== 'string' || typeof by !== 'string' || typeof did !== 'string') return [];
    const known = DONE.find((each) => each === did) ?? null;
    return [{ at, by, did, known, why: typeof why === 'string' ? why : null }];
  });
  return lines.reverse();
}
