import clsx from 'clsx';
import { ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Group, GroupStatus } from '@/shared/api/types';
import { Button, type ButtonTone } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { TimeAgo } from '@/shared/ui/Time';
import { ByHand } from './ByHand';
import { type GroupMove, promiseOf } from './promises';
import type { GroupActions } from './queries';
import { Steps } from './Steps';
import { Trouble } from './Trouble';

const STATUS_COLORS: Record<GroupStatus, string> = {
  pending: 'text-progress',
  staging: 'text-staging',
  production: 'text-production',
  rolled_back: 'text-muted',
  failed: 'text-failed',
  withdrawn: 'text-muted',
};

const ASKS = {
  promote: 'ship.askPromote',
  rollback: 'ship.askRollback',
  withdraw: 'ship.askWithdraw',
} as const;
const DOES = { promote: 'ship.promote', rollback: 'ship.rollback', withdraw: 'ship.withdraw' } as const;
const TONES: Record<GroupMove, ButtonTone> = { promote: 'primary', rollback: 'plain', withdraw: 'plain' };

interface ReleaseProps {
  group: Group;
  allowed: boolean;
  actions: GroupActions;
  onOpenTask: (key: string) => void;
  /** What stood there before it; null where nothing did. */
  before: number | null;
  /** What its roll-out wrote; asked for where its steps are shown. */
  log: ReactNode;
}

/** One release: where it stands, what is in it, its steps, and what can be done with it. */
export function Release(props: ReleaseProps) {
  const { t } = useTranslation();
  const { group } = props;
  const running = group.underWay !== null;
  // What is under way or has failed is open, until somebody says otherwise.
  const [open, setOpen] = useState<boolean | null>(null);
  const unfolded = open ?? (running || group.status === 'failed');
  const name = t('ship.release', { number: group.number });
  return (
    <article aria-label={name} className="flex flex-col gap-2.5 px-4 py-3">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h3 className="text-body font-semibold">{name}</h3>
        <span
          className={clsx('text-list font-medium', running ? 'text-progress' : STATUS_COLORS[group.status])}
        >
          {running ? t('ship.status.pending') : t(`ship.status.${group.status}`)}
        </span>
        <span className="text-small text-faint">
          {group.createdBy && t('ship.by', { name: group.createdBy })}{' '}
          <TimeAgo at={group.productionDeployedAt ?? group.stagingDeployedAt ?? group.createdAt} />
        </span>
        <span className="grow" />
        <GroupButtons {...props} />
      </header>
      <ul className="flex flex-wrap gap-x-4 gap-y-1.5 text-list empty:hidden">
        {group.tasks.map((task) => (
          <li key={task.id} className="flex max-w-full min-w-0 gap-1.5">
            <button
              type="button"
              onClick={() => props.onOpenTask(task.key)}
              className="-my-0.5 min-h-6 shrink-0 text-link underline-offset-2 hover:underline"
            >
              {task.key}
            </button>
            <span className="truncate text-muted" title={task.title}>
              {task.title}
            </span>
          </li>
        ))}
      </ul>
      <ByHand runs={group.byHand} />
      <Trouble group={group} allowed={props.allowed} actions={props.actions} />
      {group.steps.length > 0 && (
        <div>
          <Button
            tone="quiet"
            aria-expanded={unfolded}
            className="-ml-1.5 h-7 px-1.5 text-small"
            onClick={() => setOpen(!unfolded)}
          >
            <ChevronRight
              aria-hidden
              className={clsx('size-3.5 transition-transform', unfolded && 'rotate-90')}
            />
            {t('ship.steps')}
          </Button>
          {unfolded && (
            <>
              <Steps release={group} />
              {props.log}
            </>
          )}
        </div>
      )}
    </article>
  );
}

function GroupButtons({ group, before, allowed, actions }: ReleaseProps) {
  const { t, i18n } = useTranslation();
  const [asked, setAsked] = useState<GroupMove | null>(null);
  const moves: GroupMove[] = [
    ...(group.canRollback ? ['rollback' as const] : []),
    ...(group.status === 'pending' ? ['withdraw' as const] : []),
    ...(group.canPromote ? ['promote' as const] : []),
  ];
  return (
    <div className="flex flex-wrap gap-2">
      {moves.map((move) => (
        <Button
          key={move}
          tone={TONES[move]}
          disabled={!allowed}
          title={allowed ? undefined : t('step.denied')}
          onClick={() => setAsked(move)}
        >
          {t(DOES[move])}
        </Button>
      ))}
      {moves.map((move) => (
        <Confirm
          key={move}
          open={asked === move}
          title={t(ASKS[move], { number: group.number })}
          text={promiseOf(move, group, before, t, i18n.language)}
          action={t(DOES[move])}
          tone={move === 'promote' ? 'primary' : 'danger'}
          busy={actions[move].isPending}
          onConfirm={() => actions[move].mutate(group, { onSettled: () => setAsked(null) })}
          onClose={() => setAsked(null)}
        />
      ))}
    </div>
  );
}
