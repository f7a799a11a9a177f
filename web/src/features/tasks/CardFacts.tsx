import clsx from 'clsx';
import {
  CircleX,
  Clock3,
  ExternalLink,
  type LucideIcon,
  MessageCircleQuestionMark,
  TriangleAlert,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { saying } from '@/shared/i18n/told';
import type { Task } from '@/shared/api/types';
import { cost } from '@/shared/format/numbers';
import { TimeAgo } from '@/shared/ui/Time';
import { isStuck } from './moves';
import { waitingText } from './waiting';

/** What should be noticed first: a question, tries that are spent, the release it is in. */
export function CardBadge({ task }: { task: Task }) {
  const { t } = useTranslation();
  const pending = task.questions.filter((question) => question.status === 'pending').length;
  if (pending > 0) {
    return (
      <Badge icon={MessageCircleQuestionMark} color="text-input">
        {t('board.question', { count: pending })}
      </Badge>
    );
  }
  if (isStuck(task)) {
    return (
      <Badge icon={TriangleAlert} color="text-failed">
        {t('board.stuck')}
      </Badge>
    );
  }
  if (task.checks?.state === 'failure' && task.state !== 'cancelled') {
    const failed = task.checks.checks.filter(({ state }) => state === 'failure');
    return (
      <Badge icon={CircleX} color="text-failed" title={failed.map(({ context }) => context).join(', ')}>
        {t('board.checksFailed')}
      </Badge>
    );
  }
  if (typeof task.groupNumber === 'number' && task.state !== 'cancelled') {
    return <span className="truncate">{t('board.release', { number: task.groupNumber })}</span>;
  }
  return null;
}

function Badge(props: { icon: LucideIcon; color: string; title?: string; children: string }) {
  const { icon: Icon } = props;
  return (
    <span
      className={clsx('inline-flex min-w-0 items-center gap-1', props.color)}
      title={props.title ?? props.children}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{props.children}</span>
    </span>
  );
}

/** The last line: who is at it, why it waits, whether one can look at it, and what it has cost. */
export function CardFoot({ task }: { task: Task }) {
  const { t } = useTranslation();
  if (task.state === 'in_progress' || task.state === 'needs_input') return <AtWork task={task} />;
  const waits = task.state === 'backlog' ? waitingText(task, t) : null;
  if (waits) {
    return (
      <Foot task={task} title={waits}>
        <Clock3 aria-hidden className="size-3.5 shrink-0" />
        <span className="truncate">{waits}</span>
      </Foot>
    );
  }
  if (task.state === 'ready_to_test' && task.previewError) {
    return (
      <Foot task={task} title={saying(task.previewError, task.previewErrorTold, t)}>
        <span className="flex items-center gap-1.5 text-failed">
          <TriangleAlert aria-hidden className="size-3.5 shrink-0" />
          {t('board.previewFailed')}
        </span>
      </Foot>
    );
  }
  if ((task.state === 'ready_to_test' || task.state === 'approved') && task.previewUrl) {
    return (
      <Foot task={task}>
        <a
          href={task.previewUrl}
          target="_blank"
          rel="noreferrer"
          tabIndex={-1}
          className="relative z-1 inline-flex items-center gap-1.5 text-link underline-offset-2 hover:underline"
        >
          <ExternalLink aria-hidden className="size-3.5" />
          {t('board.preview')}
        </a>
      </Foot>
    );
  }
  return null;
}

function Foot(props: { task: Task; title?: string; children: ReactNode }) {
  return (
    <p className="mt-1 flex items-center gap-1.5 text-small text-muted" title={props.title}>
      {props.children}
      <Cost task={props.task} />
    </p>
  );
}

function Cost({ task }: { task: Task }) {
  const { t, i18n } = useTranslation();
  if (!task.costUsd) return null;
  return (
    <span className="ml-auto shrink-0 text-faint" title={t('attempts.cost')}>
      {cost(task.costUsd, i18n.language)}
    </span>
  );
}

function AtWork({ task }: { task: Task }) {
  const { t } = useTranslation();
  const agent = task.assignedAgent;
  const working = task.state === 'in_progress' && agent?.status !== 'offline';
  return (
    <div className="mt-1 flex items-center gap-2 text-small text-muted">
      <span
        aria-hidden
        className={clsx(
          'size-1.5 shrink-0 rounded-full',
          working ? 'animate-breathe bg-progress' : 'bg-line-strong',
        )}
      />
      <span className="max-w-[60%] shrink-0 truncate text-ink" title={agent?.name}>
        {agent?.name ?? t('board.byHand')}
      </span>
      <span className="min-w-0 grow truncate" title={task.currentStep ?? undefined}>
        {working && task.currentStep}
      </span>
      {task.startedAt && <TimeAgo at={task.startedAt} className="shrink-0" />}
      <Cost task={task} />
      {working && typeof task.progress === 'number' && (
        <progress
          aria-label={t('board.progress')}
          max={100}
          value={task.progress}
          className="absolute inset-x-2 bottom-0 h-0.5 w-[calc(100%-16px)] appearance-none bg-transparent [&::-moz-progress-bar]:bg-progress [&::-webkit-progress-bar]:bg-transparent [&::-webkit-progress-value]:bg-progress [&::-webkit-progress-value]:transition-[width]"
        />
      )}
    </div>
  );
}
