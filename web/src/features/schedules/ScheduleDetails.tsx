import clsx from 'clsx';
import { CircleCheck, CircleMinus, CircleX, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { RunOutcome, Schedule, ScheduleRun } from '@/shared/api/types';
import { saying } from '@/shared/i18n/told';
import { useTranslation } from '@/shared/i18n/translation';
import { Quoting } from '@/shared/ui/Quoting';
import { TimeAgo } from '@/shared/ui/Time';
import { Ahead } from './ScheduleRow';

const LOOKS: Record<RunOutcome, { icon: LucideIcon; color: string }> = {
  FIRED: { icon: CircleCheck, color: 'text-approved' },
  SKIPPED: { icon: CircleMinus, color: 'text-faint' },
  FAILED: { icon: CircleX, color: 'text-failed' },
};

interface DetailsProps {
  schedule: Schedule;
  /** What became of its last times; undefined while they are on their way. */
  runs: readonly ScheduleRun[] | undefined;
  /** Leads to a robot (by id). */
  robotLink: (robotId: string, text: string) => ReactNode;
}

/** All about a schedule: its next times, its rules, what it gives its robots, and what became of the last times. */
export function ScheduleDetails({ schedule, runs, robotLink }: DetailsProps) {
  const { t } = useTranslation();
  const input = schedule.robot.inputData;
  return (
    <div className="grid gap-x-8 gap-y-4 text-list wide:grid-cols-2">
      <dl className="grid content-start gap-x-4 gap-y-1.5 desk:grid-cols-[minmax(0,150px)_minmax(0,1fr)] [&_dt]:text-muted">
        <dt>{t('schedules.nextTimes')}</dt>
        <dd className="flex flex-wrap gap-x-3">
          {schedule.nextTimes.length === 0 && t('schedules.paused')}
          {schedule.nextTimes.map((at) => (
            <Ahead key={at} at={at} />
          ))}
        </dd>
        <dt>{t('schedules.field.overlap')}</dt>
        <dd>{t(`schedules.overlap.${schedule.overlap}`)}</dd>
        <dt>{t('schedules.field.catchUp')}</dt>
        <dd>{t(`schedules.catchUp.${schedule.catchUp}`)}</dd>
        {Object.keys(input).length > 0 && (
          <>
            <dt>{t('schedules.field.input')}</dt>
            <dd>
              <pre className="font-mono text-small [overflow-wrap:anywhere] whitespace-pre-wrap">
                {JSON.stringify(input, null, 2)}
              </pre>
            </dd>
          </>
        )}
        {schedule.createdBy && (
          <>
            <dt>{t('schedules.by')}</dt>
            <dd className="break-words">{schedule.createdBy}</dd>
          </>
        )}
      </dl>
      <div className="min-w-0">
        <h3 className="mb-1.5 text-muted">{t('schedules.history')}</h3>
        {runs?.length === 0 && <p className="text-faint">{t('schedules.noHistory')}</p>}
        <ol className="flex flex-col gap-1">
          {runs?.map((run) => (
            <Run key={`${run.dueAt} ${run.firedAt}`} run={run} robotLink={robotLink} />
          ))}
        </ol>
      </div>
    </div>
  );
}

function Run({ run, robotLink }: { run: ScheduleRun; robotLink: DetailsProps['robotLink'] }) {
  const { t } = useTranslation();
  const { icon: Icon, color } = LOOKS[run.outcome];
  return (
    <li className="flex min-w-0 items-baseline gap-2">
      <Icon aria-hidden className={clsx('size-4 shrink-0 translate-y-[3px]', color)} />
      <TimeAgo at={run.dueAt} className="w-14 shrink-0 text-faint" />
      <span className="min-w-0 grow break-words">
        {run.outcome === 'FIRED' && run.robotId
          ? robotLink(run.robotId, run.robotStatus ? t(`automation.status.${run.robotStatus}`) : run.robotId)
          : t(`schedules.outcome.${run.outcome}`)}
        {run.detail && (
          <span className="text-muted">
            {': '}
            <Quoting text={saying(run.detail, run.detailTold, t)} />
          </span>
        )}
        {run.startedBy && (
          <span className="text-faint"> {t('schedules.startedBy', { name: run.startedBy })}</span>
        )}
      </span>
    </li>
  );
}
