import type { Execution, ExecutionStep } from '@/shared/api/types';

export interface Span {
  step: ExecutionStep;
  /** Where it begins and how long it is, in percent of the whole execution. */
  begin: number;
  length: number;
}

const SHORTEST = 0.5;

/** The steps of an execution on its time line; what has not ended reaches until now. */
export function spansOf(
  execution: Pick<Execution, 'startedAt' | 'completedAt' | 'steps'>,
  now: Date,
): Span[] {
  const start = time(execution.startedAt);
  const end = execution.completedAt ? time(execution.completedAt) : now.getTime();
  const whole = Math.max(1, end - start);
  const share = (moment: number) => Math.min(100, Math.max(0, ((moment - start) / whole) * 100));
  return (execution.steps ?? []).map((step) => {
    const begin = Math.min(100 - SHORTEST, share(time(step.startedAt)));
    const until = share(step.completedAt ? time(step.completedAt) : end);
    return { step, begin, length: Math.max(SHORTEST, until - begin) };
  });
}

function time(moment: string): number {
  return new Date(moment).getTime();
}
