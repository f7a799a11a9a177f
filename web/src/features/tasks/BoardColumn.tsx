import clsx from 'clsx';
import { memo } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Task, TaskState } from '@/shared/api/types';
import { StateBadge } from '@/shared/ui/StateBadge';
import { isSame } from '@/shared/same';
import { VirtualList } from '@/shared/ui/VirtualList';
import { Card } from './Card';
import { cardHeight } from './cardHeight';
import type { Command, Verdict } from './drops';
import { useDrop } from './useDrop';

export interface SectionProps {
  state: TaskState;
  tasks: readonly Task[];
  limit?: number | null;
  openTask: string | null;
  selected: ReadonlySet<string>;
  /** What dropping here what is being dragged would do; null while nothing is, or where it came from. */
  verdict?: Verdict | null;
  onDrop?: (command: Command) => void;
  /** In a lane: its name. The head is then above all lanes. */
  lane?: string;
  className?: string;
}

/** How wide a column of cards is: all that is on a board should be on the screen, as long as it can be read. */
export const COLUMN = 'max-w-[344px] min-w-[200px] flex-1 basis-0';

/**
 * One state of the board: its head with a count (and limit), and its cards in a scroll of their own. It is drawn anew
 * only when one of its own cards has changed, whatever happens elsewhere on the board.
 */
export const StateSection = memo(function StateSection(props: SectionProps) {
  const { t } = useTranslation();
  const { state, tasks, limit, verdict } = props;
  const headId = `column-${state}`;
  const { lane } = props;
  const command = verdict && 'command' in verdict ? verdict.command : null;
  const refusal = verdict && 'refusal' in verdict ? verdict.refusal : null;
  const drop = useDrop(command, props.onDrop);
  return (
    <section
      {...(lane === undefined
        ? { 'aria-labelledby': headId }
        : { 'aria-label': `${lane}: ${t(`state.${state}`)}` })}
      data-column
      {...drop.handlers}
      className={clsx(
        '@container relative flex min-h-0 flex-col rounded-card transition-[background-color,opacity,box-shadow]',
        command && 'bg-hover ring-1 ring-line-strong ring-inset',
        command && drop.over && 'ring-2 ring-focus',
        props.className,
      )}
    >
      {lane === undefined ? (
        <header className="flex h-9 shrink-0 items-center gap-2 px-0.5 text-list font-medium">
          <h2 id={headId}>
            <StateBadge state={state} />
          </h2>
          <Count count={tasks.length} limit={limit ?? null} />
          {command && <span className="truncate text-small text-link">{t(`board.drop.${command}`)}</span>}
        </header>
      ) : (
        command && <p className="px-1 pb-1 text-small text-link">{t(`board.drop.${command}`)}</p>
      )}
      {refusal && (
        <p
          className={clsx(
            'absolute inset-x-0 z-3 rounded-card border border-line bg-raised px-3 py-2 text-small text-muted',
            lane === undefined ? 'top-9' : 'top-0',
          )}
        >
          {t(`board.refusal.${refusal}`)}
        </p>
      )}
      <div className={clsx('flex min-h-0 flex-col transition-opacity', refusal && 'opacity-40')}>
        {tasks.length > 0 ? (
          <VirtualList
            items={tasks}
            keyOf={idOf}
            estimate={cardHeight}
            gap={8}
            label={t(`state.${state}`)}
            className="pb-2"
          >
            {(task) => (
              <Card task={task} open={task.key === props.openTask} selected={props.selected.has(task.id)} />
            )}
          </VirtualList>
        ) : (
          lane === undefined && (
            <p className="rounded-card border border-dashed border-line px-3 py-2.5 text-small text-faint">
              {t('board.emptyColumn')}
            </p>
          )
        )}
      </div>
    </section>
  );
}, isUnchanged);

const idOf = (task: Task) => task.id;

function isUnchanged(before: SectionProps, after: SectionProps): boolean {
  return (Object.keys(after) as (keyof SectionProps)[]).every((name) =>
    name === 'tasks' ? isSame(before.tasks, after.tasks) : before[name] === after[name],
  );
}

function Count(props: { count: number; limit: number | null }) {
  const { t } = useTranslation();
  if (props.limit === null) return <span className="text-faint">{props.count}</span>;
  const full = props.count >= props.limit;
  return (
    <span
      className={full ? 'text-input' : 'text-faint'}
      title={t(full ? 'board.limitReached' : 'board.limit', { limit: props.limit })}
    >
      {props.count}/{props.limit}
    </span>
  );
}
