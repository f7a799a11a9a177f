import type { TFunction } from 'i18next';
import { History } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Attempt } from '@/shared/api/types';
import { saying, told } from '@/shared/i18n/told';
import { compact, cost } from '@/shared/format/numbers';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Quoting } from '@/shared/ui/Quoting';
import { Elapsed } from '@/shared/ui/Time';
import { Denials } from './Denials';

const STATES = ['PENDING', 'RUNNING', 'PAUSED', 'COMPLETED', 'FAILED', 'RETRYING', 'CANCELLED'] as const;

/** Every try at the task, newest first: how long, how much, how it ended. */
export function Attempts(props: { taskId: string; attempts: readonly Attempt[] }) {
  const { t } = useTranslation();
  if (props.attempts.length === 0) {
    return (
      <EmptyState icon={<History className="size-6" />} title={t('attempts.none')}>
        <p>{t('attempts.empty')}</p>
      </EmptyState>
    );
  }
  return (
    <ol className="flex flex-col divide-y divide-line">
      {props.attempts.map((attempt) => (
        <AttemptRow key={attempt.executionId} taskId={props.taskId} attempt={attempt} />
      ))}
    </ol>
  );
}

function limitsOf({ limits, limitsTold = [] }: Attempt, t: TFunction): string {
  const said = limitsTold.map((one) => told('sayings', one.code, one.values, t));
  return said.length > 0 && !said.includes(null) ? said.join(', ') : limits;
}

function AttemptRow({ taskId, attempt }: { taskId: string; attempt: Attempt }) {
  const { t, i18n } = useTranslation();
  const state = STATES.find((each) => each === attempt.state);
  const failed = state === 'FAILED' || state === 'RETRYING';
  return (
    <li className="flex flex-col gap-2 py-3 first:pt-0">
      <p className="flex flex-wrap items-baseline gap-x-2 text-list">
        <span className="font-medium">
          {t('attempts.name', { round: attempt.round, number: attempt.number })}
        </span>
        {attempt.agentName && <span className="text-muted">{attempt.agentName}</span>}
        <span className={failed ? 'text-failed' : 'text-muted'}>
          {state ? t(`attempts.state.${state}`) : attempt.state}
        </span>
      </p>
      <dl className="flex flex-wrap gap-x-6 gap-y-1 text-small [&_dt]:text-faint">
        <div>
          <dt>{t('attempts.duration')}</dt>
          <dd>
            <Elapsed from={attempt.startedAt} to={attempt.completedAt} />
          </dd>
        </div>
        <div>
          <dt>{t('attempts.tokens')}</dt>
          <dd>
            {compact(attempt.tokensIn, i18n.language)} / {compact(attempt.tokensOut, i18n.language)}
          </dd>
        </div>
        <div>
          <dt>{t('attempts.cost')}</dt>
          <dd>{attempt.costUsd === null ? t('attempts.noCost') : cost(attempt.costUsd, i18n.language)}</dd>
        </div>
      </dl>
      {attempt.limits && !attempt.completedAt && (
        <p className="text-small text-muted">{t('attempts.limits', { limits: limitsOf(attempt, t) })}</p>
      )}
      {attempt.error && (
        <p className="text-list break-words whitespace-pre-wrap text-failed">
          <span className="sr-only">{t('attempts.error')}: </span>
          <Quoting text={saying(attempt.error, attempt.errorTold, t)} />
        </p>
      )}
      {attempt.summary && (
        <p className="max-w-[68ch] text-list break-words whitespace-pre-wrap">
          <span className="sr-only">{t('attempts.said')}: </span>
          {attempt.summary}
        </p>
      )}
      <Denials taskId={taskId} attempt={attempt} />
    </li>
  );
}
