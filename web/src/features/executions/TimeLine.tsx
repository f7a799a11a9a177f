import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { saying } from '@/shared/i18n/told';
import type { Execution } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';
import { clock, duration } from '@/shared/format/time';
import { Quoting } from '@/shared/ui/Quoting';
import { useTicking } from '@/shared/ui/now';
import { Elapsed, TimeAgo } from '@/shared/ui/Time';
import { endOf } from './figures';
import { spansOf } from './spans';

const COLORS: Record<string, string> = {
  running: 'text-progress',
  completed: 'text-approved',
  failed: 'text-failed',
  skipped: 'text-faint',
};

interface TimeLineProps {
  execution: Execution;
  /** What it used. */
  children?: ReactNode;
}

/** One try at a robot: who had it, how it went, and its steps on a time line. */
export function TimeLine({ execution, children }: TimeLineProps) {
  const { t, i18n } = useTranslation();
  // What runs grows with the clock.
  const now = Number(useTicking((moment) => (execution.completedAt ? '0' : String(moment.getTime()))));
  const spans = spansOf(execution, new Date(now));
  // It has ended, as far as its worker goes: a person has the word.
  const end = endOf(execution);
  const held = end === 'held';
  const under = !held && (execution.executionState === 'RUNNING' || execution.executionState === 'PAUSED');
  return (
    <article className="flex flex-col gap-2 px-4 py-3 text-list">
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <span className="font-medium">
          {t(end ? `execution.${end}` : `execution.state.${execution.executionState}`)}
        </span>
        {under && (
          <span className="text-progress tabular-nums">
            {percent(execution.progressPercentage / 100, i18n.language)}
          </span>
        )}
        {under && execution.estimatedCompletionAt && (
          <span className="text-muted">
            {t('execution.doneAt', { at: clock(new Date(execution.estimatedCompletionAt), i18n.language) })}
          </span>
        )}
        {execution.holder && (
          <span className="break-all text-muted">{t('automation.robot.by', { name: execution.holder })}</span>
        )}
        <span className="grow" />
        {!held && (
          <Elapsed from={execution.startedAt} to={execution.completedAt} className="text-small text-muted" />
        )}
        <TimeAgo at={execution.startedAt} className="text-small text-faint" />
      </p>
      {under && <Bar percent={execution.progressPercentage} />}
      {execution.errorMessage && (
        <p className="break-words text-failed">
          {execution.outcome === 'timeout' && execution.timeoutSeconds !== null ? (
            t('execution.tooLong', { limit: duration(execution.timeoutSeconds * 1000) })
          ) : (
            <Quoting text={saying(execution.errorMessage, execution.errorMessageTold, t)} />
          )}
        </p>
      )}
      {execution.errorStackTrace && (
        <details>
          <summary className="text-muted">{t('execution.trace')}</summary>
          {/* What scrolls can be reached by keyboard. */}
          <pre
            // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
            tabIndex={0}
            className="mt-1.5 max-h-72 overflow-auto rounded-control border border-line bg-canvas px-3 py-2 font-mono text-small"
          >
            {execution.errorStackTrace}
          </pre>
        </details>
      )}
      {spans.length === 0 ? (
        <p className="text-faint">{t('automation.robot.noSteps')}</p>
      ) : (
        <ol className="flex flex-col gap-1 max-desk:gap-2">
          {spans.map(({ step, begin, length }) => (
            <li
              key={step.position}
              title={saying(step.detail, step.told, t) ?? undefined}
              className="grid items-center gap-x-3 max-desk:grid-cols-[minmax(0,1fr)_auto] desk:grid-cols-[minmax(0,280px)_minmax(0,1fr)_76px]"
            >
              <span className="truncate">
                {step.name}{' '}
                <span className="text-small text-faint">{t(`execution.category.${step.category}`)}</span>
                <span className="sr-only"> {step.status}</span>
              </span>
              <svg
                aria-hidden
                viewBox="0 0 100 8"
                preserveAspectRatio="none"
                className={clsx(
                  'h-2 w-full rounded-full bg-hover max-desk:order-last max-desk:col-span-2',
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
      {children}
    </article>
  );
}

/** How far it says it is. */
function Bar({ percent }: { percent: number }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      className="h-1 w-full rounded-full bg-hover"
    >
      <rect width={percent} height="4" fill="currentColor" className="text-progress transition-all" />
    </svg>
  );
}
