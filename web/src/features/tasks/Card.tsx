import clsx from 'clsx';
import { Clock3, ExternalLink, MessageCircleQuestionMark, TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Task } from '@/shared/api/types';
import { PriorityMark } from '@/shared/ui/PriorityMark';
import { TimeAgo } from '@/shared/ui/Time';
import { useGlow } from '@/shared/ui/useGlow';
import { isStuck } from './moves';

interface CardProps {
  task: Task;
  open: boolean;
  onOpen: (key: string) => void;
}

/** A task on the board, in three lines at most. */
export const Card = memo(function Card({ task, open, onOpen }: CardProps) {
  const glowing = useGlow(task.state);
  return (
    <li
      className={clsx(
        'relative overflow-hidden rounded-card border bg-surface px-3 py-2 transition-colors [contain-intrinsic-size:auto_84px] [content-visibility:auto] hover:border-line-strong',
        open ? 'border-focus ring-1 ring-focus ring-inset' : 'border-line',
        glowing && 'animate-glow',
      )}
    >
      <div className="flex h-5 items-center gap-2 text-small text-muted">
        <span>{task.key}</span>
        <PriorityMark
          priority={task.priority}
          word={task.priority === 'urgent' || task.priority === 'high'}
        />
        <span className="grow" />
        <Badge task={task} />
      </div>
      <button
        type="button"
        id={`card-${task.key}`}
        title={task.title}
        onClick={() => onOpen(task.key)}
        className="mt-0.5 line-clamp-2 w-full text-left text-list font-medium break-words outline-none after:absolute after:inset-0 after:rounded-card focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
      >
        {task.title}
      </button>
      <LastLine task={task} />
    </li>
  );
});

function Badge({ task }: { task: Task }) {
  const { t } = useTranslation();
  const pending = task.questions.filter((question) => question.status === 'pending').length;
  if (pending > 0) {
    return (
      <span className="inline-flex items-center gap-1 text-input">
        <MessageCircleQuestionMark aria-hidden className="size-3.5" />
        {t('board.question', { count: pending })}
      </span>
    );
  }
  if (isStuck(task)) {
    return (
      <span className="inline-flex items-center gap-1 text-failed">
        <TriangleAlert aria-hidden className="size-3.5" />
        {t('board.stuck')}
      </span>
    );
  }
  if (typeof task.groupNumber === 'number' && task.state !== 'cancelled') {
    return <span>{t('board.release', { number: task.groupNumber })}</span>;
  }
  return null;
}

function LastLine({ task }: { task: Task }) {
  const { t } = useTranslation();
  if (task.state === 'in_progress' || task.state === 'needs_input') return <AtWork task={task} />;
  if (task.state === 'backlog' && task.waiting) {
    return (
      <p className="mt-1 flex items-center gap-1.5 text-small text-muted" title={task.waiting}>
        <Clock3 aria-hidden className="size-3.5 shrink-0" />
        <span className="truncate">{task.waiting}</span>
      </p>
    );
  }
  if (task.state === 'ready_to_test' && task.previewError) {
    return (
      <p className="mt-1 flex items-center gap-1.5 text-small text-failed" title={task.previewError}>
        <TriangleAlert aria-hidden className="size-3.5 shrink-0" />
        {t('board.previewFailed')}
      </p>
    );
  }
  if (task.state === 'ready_to_test' && task.previewUrl) {
    return (
      <a
        href={task.previewUrl}
        target="_blank"
        rel="noreferrer"
        className="relative z-1 mt-1 inline-flex items-center gap-1.5 text-small text-link underline-offset-2 hover:underline"
      >
        <ExternalLink aria-hidden className="size-3.5" />
        {t('board.preview')}
      </a>
    );
  }
  return null;
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
      {agent && <span className="shrink-0 text-ink">{agent.name}</span>}
      <span className="min-w-0 grow truncate" title={task.currentStep ?? undefined}>
        {working && task.currentStep}
      </span>
      {task.startedAt && <TimeAgo at={task.startedAt} className="shrink-0" />}
      {working && typeof task.progress === 'number' && (
        <progress
          aria-label={t('board.progress')}
          max={100}
          value={task.progress}
          className="absolute inset-x-0 bottom-0 h-0.5 w-full appearance-none bg-transparent [&::-moz-progress-bar]:bg-progress [&::-webkit-progress-bar]:bg-transparent [&::-webkit-progress-value]:bg-progress [&::-webkit-progress-value]:transition-[width]"
        />
      )}
    </div>
  );
}
