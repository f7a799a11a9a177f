import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { useGroupActions } from '@/features/groups/queries';
import { Trouble } from '@/features/groups/Trouble';
import { troubleOf } from '@/features/modules/trouble';
import { UpstreamTroubles } from '@/features/projects/UpstreamTroubles';
import { PendingQuestion } from '@/features/questions/PendingQuestion';
import { nextStep } from '@/features/tasks/moves';
import { waitingText } from '@/features/tasks/waiting';
import type { Task } from '@/shared/api/types';
import { shortCommit } from '@/shared/format/numbers';
import { useMay } from '@/shared/session';
import { Button, buttonClass } from '@/shared/ui/Button';
import { Markdown } from '@/shared/ui/Markdown';
import { Quoting } from '@/shared/ui/Quoting';
import { AskedOf, HeldResult } from './HeldResult';
import { LateItem } from './LateItem';
import { useOpenTask } from './navigation';
import type { Decisions } from './useDecisions';
import type { InboxItem } from './useInbox';

/** What waits, with all that is needed to deal with it at once. */
export function InboxDetail(props: { item: InboxItem; decisions: Decisions }) {
  const { item, decisions } = props;
  const { t, i18n } = useTranslation();
  const may = useMay();
  const open = useOpenTask();
  const navigate = useNavigate();
  const actions = useGroupActions();
  switch (item.kind) {
    case 'question': {
      const { question } = item;
      return (
        <Detail head={question.taskTitle ?? ''} taskKey={question.taskKey} onOpen={open}>
          <PendingQuestion
            question={question}
            busy={false}
            allowed={may('tasks')}
            draft={decisions.draftOf(question)}
            onReply={(text) => decisions.answer(question, text)}
          />
        </Detail>
      );
    }
    case 'review':
    case 'failed':
      return <TaskDetail task={item.task} decisions={decisions} />;
    case 'rollout':
      return (
        <Detail head={t('ship.release', { number: item.group.number })}>
          {item.group.error ? (
            <Trouble group={item.group} allowed={may('ship')} actions={actions} />
          ) : (
            <p className="text-body text-failed">{t('inbox.rolloutText')}</p>
          )}
          <Button
            className="self-start"
            onClick={() => void navigate({ to: '/ship', search: { project: item.group.projectKey } })}
          >
            {t('step.promote')}
          </Button>
        </Detail>
      );
    case 'result':
      return (
        <Detail head={t('reviews.head')}>
          <AskedOf robotId={item.review.robotId} />
          <HeldResult review={item.review} />
          <Button
            className="self-start"
            onClick={() =>
              void navigate({ to: '/automation/robots/$robot', params: { robot: item.review.robotId } })
            }
          >
            {t('reviews.toRobot')}
          </Button>
        </Detail>
      );
    case 'late':
      return (
        <Detail head={t('automation.late.head', { count: item.robots.length, name: item.about })}>
          <LateItem name={item.about} robots={item.robots} />
        </Detail>
      );
    case 'module':
      return (
        <Detail head={item.module.moduleName}>
          <p className="text-body break-words whitespace-pre-wrap text-failed">
            <Quoting text={troubleOf(item.module, t, i18n.language) ?? t('inbox.moduleText')} />
          </p>
          <p className="text-list text-muted">{t('inbox.moduleMeans')}</p>
          <Button
            tone="primary"
            className="self-start"
            onClick={() =>
              void navigate({
                to: '/automation/modules/$module',
                params: { module: item.module.moduleName },
              })
            }
          >
            {t('inbox.toModule')}
          </Button>
        </Detail>
      );
    case 'upstream':
      return <UpstreamTroubles projects={[item.project]} />;
  }
}

function TaskDetail({ task, decisions }: { task: Task; decisions: Decisions }) {
  const { t } = useTranslation();
  const may = useMay();
  const open = useOpenTask();
  const step = nextStep(task);
  return (
    <Detail head={task.title} taskKey={task.key} onOpen={open}>
      {task.held && <p className="text-body break-words text-failed">{waitingText(task, t)}</p>}
      <div className="flex flex-wrap gap-2">
        {step === 'approve' && (
          <Button tone="primary" disabled={!may('approve')} onClick={() => decisions.approve(task)}>
            {t('step.approve', { commit: shortCommit(task.headCommit ?? '') })}
          </Button>
        )}
        {step === 'retry' && (
          <Button tone="primary" disabled={!may('tasks')} onClick={() => decisions.retry(task)}>
            {t('step.retry')}
          </Button>
        )}
        {task.branchName && <Button onClick={() => open(task.key, 'changes')}>{t('inbox.changes')}</Button>}
        {task.previewUrl && (
          <a href={task.previewUrl} target="_blank" rel="noreferrer" className={buttonClass('plain')}>
            {t('task.openPreview')}
          </a>
        )}
        {task.state === 'backlog' && (
          <Button onClick={() => open(task.key, 'log')}>{t('task.tab.log')}</Button>
        )}
      </div>
      {task.description && <Markdown text={task.description} />}
    </Detail>
  );
}

function Detail(props: {
  head: string;
  taskKey?: string | null | undefined;
  onOpen?: (key: string) => void;
  children: ReactNode;
}) {
  const { taskKey, onOpen } = props;
  return (
    <article className="flex max-w-[720px] flex-col gap-4">
      <h2 className="text-body font-semibold break-words">
        {taskKey && onOpen && (
          <button
            type="button"
            onClick={() => onOpen(taskKey)}
            className="mr-2 text-link underline-offset-2 hover:underline"
          >
            {taskKey}
          </button>
        )}
        {props.head}
      </h2>
      {props.children}
    </article>
  );
}
