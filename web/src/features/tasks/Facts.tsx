import type { ReactNode } from 'react';
import { saying } from '@/shared/i18n/told';
import { Quoting } from '@/shared/ui/Quoting';
import { useTranslation } from '@/shared/i18n/translation';
import type { Task } from '@/shared/api/types';
import { shortCommit } from '@/shared/format/numbers';
import { Commit } from '@/shared/ui/Commit';
import { TimeAgo } from '@/shared/ui/Time';
import { Checks } from './Checks';
import { waitingText } from './waiting';

/** Who, where and which commit: what is known of a task, and nothing that is not. */
export function Facts(props: { task: Task; dependencies: ReactNode }) {
  const { t } = useTranslation();
  const { task } = props;
  const reason = waitingText(task, t);
  return (
    <dl
      aria-label={t('task.details')}
      className="grid grid-cols-[max-content_1fr] items-baseline gap-x-5 gap-y-1.5 text-list [&_dd]:min-w-0 [&_dt]:text-muted"
    >
      {reason && <dd className="col-span-2 text-input">{t('task.waiting', { reason })}</dd>}
      {task.assignedAgent && (
        <Fact name={t('task.agent')}>
          {task.assignedAgent.name}
          {task.currentStep && <span className="text-muted">, {task.currentStep}</span>}
        </Fact>
      )}
      <Fact name={t('task.dependsOn')}>{props.dependencies}</Fact>
      {task.branchName && (
        <Fact name={t('task.branch')}>
          <code className="font-mono text-small break-all">{task.branchName}</code>
        </Fact>
      )}
      {task.headCommit && (
        <Fact name={t('task.commit')}>
          <Commit commit={task.headCommit} />
          {task.approvedCommit && (
            <span className="ml-2 text-approved">
              {t('task.approvedAt', {
                commit: shortCommit(task.approvedCommit),
                person: task.approvedBy ?? '',
              })}
            </span>
          )}
        </Fact>
      )}
      {task.checks && (
        <Fact name={t('task.checks')}>
          <Checks found={task.checks} />
        </Fact>
      )}
      {task.prNumber !== null && (
        <Fact name={t('task.pull')}>
          <PullRequest number={task.prNumber} url={task.prUrl} />
        </Fact>
      )}
      {(task.previewStatus ?? task.previewError) && (
        <Fact name={t('task.preview')}>
          {task.previewError ? (
            <span className="text-failed">
              <Quoting text={saying(task.previewError, task.previewErrorTold, t)} />
            </span>
          ) : (
            <PreviewState status={task.previewStatus} />
          )}
        </Fact>
      )}
      {typeof task.actualDurationMinutes === 'number' && (
        <Fact name={t('task.worked')}>
          {task.actualDurationMinutes > 0
            ? t('task.workedMinutes', { minutes: task.actualDurationMinutes })
            : t('task.workedBriefly')}
        </Fact>
      )}
      <Fact name={t('task.created')}>
        <TimeAgo at={task.createdAt} />
      </Fact>
    </dl>
  );
}

const PREVIEW_STATES = ['starting', 'running', 'failed', 'ending'] as const;

function PreviewState({ status }: { status: string | null }) {
  const { t } = useTranslation();
  const known = PREVIEW_STATES.find((each) => each === status);
  return known ? t(`task.previewState.${known}`) : status;
}

function PullRequest(props: { number: number; url: string | null }) {
  const name = `#${props.number}`;
  if (!props.url || !/^https?:/.test(props.url)) return name;
  return (
    <a
      href={props.url}
      target="_blank"
      rel="noreferrer"
      className="text-link underline-offset-2 hover:underline"
    >
      {name}
    </a>
  );
}

function Fact(props: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  );
}
