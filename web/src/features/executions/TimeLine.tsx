import clsx from 'clsx';
import { useTranslation } from 'react-i18next';
import type { Execution } from '@/shared/api/types';
import { Elapsed, TimeAgo } from '@/shared/ui/Time';
import { spansOf } from './spans';

const COLORS: Record<string, string> = {
  running: 'text-progress',
  completed: 'text-approved',
  failed: 'text-failed',
  skipped: 'text-faint',
};

/** One try at a robot: who had it, how it went, and its steps on a time line. */
export function TimeLine({ execution }: { execution: Execution }) {
  const { t } = useTranslation();
  const spans = spansOf(execution, new Date());
  const under = execution.executionState === 'RUNNING' || execution.executionState === 'PAUSED';
  return (
    <article className="flex flex-col gap-2 px-4 py-3 text-list">
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <span className="font-medium">{t(`attempts.state.${execution.executionState}`)}</span>
        {under && <span className="text-progress">{execution.progressPercentage} %</span>}
        {execution.holder && (
          <span className="break-all text-muted">{t('automation.robot.by', { name: execution.holder })}</span>
        )}
        <span className="grow" />
        <Elapsed from={execution.startedAt} to={execution.completedAt} className="text-small text-muted" />
        <TimeAgo at={execution.startedAt} className="text-small text-faint" />
      </p>
      {execution.errorMessage && <p className="break-words text-failed">{execution.errorMessage}</p>}
      {spans.length === 0 ? (
        <p className="text-faint">{t('automation.robot.noSteps')}</p>
      ) : (
        <ol className="flex flex-col gap-1">
          {spans.map(({ step, begin, length }) => (
            <li
              key={step.position}
              title={step.detail ?? undefined}
              className="grid items-center gap-x-3 max-desk:grid-cols-[minmax(0,1fr)_auto] desk:grid-cols-[minmax(0,220px)_minmax(0,1fr)_72px]"
            >
              <span className="truncate">
                {step.name}
                <span className="sr-only"> {step.status}</span>
              </span>
              <svg
                aria-hidden
                viewBox="0 0 100 8"
                preserveAspectRatio="none"
                className={clsx(
                  'h-2 w-full rounded-full bg-hover max-desk:hidden',
                  COLORS[step.status] ?? 'text-faint',
                )}
              >
                <rect x={begin} width={length} height="8" fill="currentColor" />
              </svg>
              <Elapsed
                from={step.startedAt}
                to={step.completedAt ?? execution.completedAt}
                className="text-right text-small text-faint"
              />
            </li>
          ))}
        </ol>
      )}
    </article>
  );
}
