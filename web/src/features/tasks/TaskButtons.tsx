import { Ellipsis, ExternalLink, Link2, OctagonX, Rocket, RotateCcw, Trash2, Undo2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Task } from '@/shared/api/types';
import { shortCommit } from '@/shared/format/numbers';
import { useMay } from '@/shared/session';
import { Button, buttonClass } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { Menu, MenuItem, MenuLine } from '@/shared/ui/Menu';
import { type Move, movesOf, type NextStep, nextStep } from './moves';
import type { TaskActions } from './queries';
import { RequestChanges } from './RequestChanges';
import type { Review } from './review';

interface TaskButtonsProps {
  task: Task;
  actions: TaskActions;
  review: Review;
  /** Whether the person is writing down what should be different. */
  requesting: boolean;
  onRequest: (requesting: boolean) => void;
  onAnswer: () => void;
  onShip: (preselect: boolean) => void;
  onCopyLink: () => void;
}

type Asked = 'stop' | 'cancel';

// What is there for nearly every task stays above; these share the last row.
const BELOW_ON_A_PHONE = 'max-desk:order-last max-desk:flex-1';

/** The one next step as the primary button, the preview beside it, the rest in a menu. */
export function TaskButtons(props: TaskButtonsProps) {
  const { t } = useTranslation();
  const { task, actions } = props;
  const [asked, setAsked] = useState<Asked | null>(null);
  const done = () => setAsked(null);
  const step = nextStep(task);
  return (
    <>
      {task.previewUrl && task.state !== 'cancelled' && (
        <a
          href={task.previewUrl}
          target="_blank"
          rel="noreferrer"
          className={buttonClass('plain', BELOW_ON_A_PHONE)}
        >
          <ExternalLink aria-hidden className="size-3.5" />
          {t('task.openPreview')}
        </a>
      )}
      {step && <NextStepButton {...props} step={step} />}
      <TaskMenu {...props} step={step} onAsk={setAsked} />
      <Confirm
        open={asked === 'stop'}
        title={t('ask.stop', { key: task.key })}
        text={t('ask.stopText', { key: task.key })}
        action={t('ask.stopDo')}
        busy={actions.stop.isPending}
        onConfirm={() => actions.stop.mutate(undefined, { onSettled: done })}
        onClose={done}
      />
      <Confirm
        open={asked === 'cancel'}
        title={t('ask.cancel', { key: task.key })}
        text={t('ask.cancelText')}
        action={t('ask.cancelDo')}
        keep={t('ask.keep')}
        busy={actions.cancel.isPending}
        onConfirm={() => actions.cancel.mutate(undefined, { onSettled: done })}
        onClose={done}
      />
      <RequestChanges
        open={props.requesting}
        busy={actions.requestChanges.isPending}
        comments={props.review.comments}
        onSend={(body) =>
          actions.requestChanges.mutate(
            { body, comments: [...props.review.comments] },
            {
              onSuccess: () => {
                props.onRequest(false);
                props.review.clear();
              },
            },
          )
        }
        onClose={() => props.onRequest(false)}
      />
    </>
  );
}

function NextStepButton(props: TaskButtonsProps & { step: NextStep }) {
  const { t } = useTranslation();
  const may = useMay();
  const { task, actions, step } = props;
  const commit = task.headCommit;
  const steps: Record<NextStep, { text: string; act: () => void; allowed: boolean; busy?: boolean }> = {
    answer: { text: t('step.answer'), act: props.onAnswer, allowed: may('tasks') },
    approve: {
      text: t('step.approve', { commit: shortCommit(commit ?? '') }),
      act: () => commit && actions.approve.mutate(commit),
      allowed: may('approve'),
      busy: actions.approve.isPending,
    },
    release: { text: t('step.release'), act: () => props.onShip(true), allowed: may('ship') },
    ship: { text: t('step.promote'), act: () => props.onShip(false), allowed: true },
    retry: {
      text: t('step.retry'),
      act: () => actions.retry.mutate(undefined),
      allowed: may('tasks'),
      busy: actions.retry.isPending,
    },
    reopen: {
      text: t('step.reopen'),
      act: () => actions.reopen.mutate(undefined),
      allowed: may('tasks'),
      busy: actions.reopen.isPending,
    },
  };
  const { text, act, allowed, busy } = steps[step];
  return (
    <Button
      tone="primary"
      disabled={busy}
      aria-disabled={!allowed}
      title={allowed ? undefined : t('step.denied')}
      onClick={allowed ? act : undefined}
      className={BELOW_ON_A_PHONE}
    >
      {text}
    </Button>
  );
}

const MOVE_ICONS: Record<Move, ReactNode> = {
  requestChanges: <Undo2 className="size-4" />,
  preview: <Rocket className="size-4" />,
  stop: <OctagonX className="size-4" />,
  cancel: <Trash2 className="size-4" />,
  reopen: <RotateCcw className="size-4" />,
  retry: <RotateCcw className="size-4" />,
};

function TaskMenu(props: TaskButtonsProps & { step: NextStep | null; onAsk: (asked: Asked) => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const { task, actions, onAsk } = props;
  const moves: Record<Move, { text: string; act: () => void }> = {
    requestChanges: { text: t('step.requestChanges'), act: () => props.onRequest(true) },
    preview: {
      text: task.previewUrl ? t('step.restartPreview') : t('step.deployPreview'),
      act: () => actions.preview.mutate(undefined),
    },
    stop: { text: t('step.stop'), act: () => onAsk('stop') },
    cancel: { text: t('step.cancel'), act: () => onAsk('cancel') },
    reopen: { text: t('step.reopen'), act: () => actions.reopen.mutate(undefined) },
    retry: { text: t('step.retry'), act: () => actions.retry.mutate(undefined) },
  };
  const others = movesOf(task).filter((move) => move !== props.step);
  return (
    <Menu
      trigger={
        <Button aria-label={t('task.menu')} title={t('task.menu')} className="px-2">
          <Ellipsis className="size-4" />
        </Button>
      }
    >
      {others.map((move) => (
        <MenuItem
          key={move}
          icon={MOVE_ICONS[move]}
          danger={move === 'cancel'}
          disabled={!may('tasks')}
          onSelect={moves[move].act}
        >
          {moves[move].text}
        </MenuItem>
      ))}
      {others.length > 0 && <MenuLine />}
      <MenuItem icon={<Link2 className="size-4" />} onSelect={props.onCopyLink}>
        {t('step.copyLink')}
      </MenuItem>
    </Menu>
  );
}
