import clsx from 'clsx';
import { ChevronsRightLeft, CircleX } from 'lucide-react';
import { memo, useCallback } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Task } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { IconButton } from '@/shared/ui/IconButton';
import { COLUMNS, type Column, type TasksByState } from './board';
import { useEndOfDrag } from './boardContext';
import { COLUMN, StateSection } from './BoardColumn';
import { type Command, verdictOn } from './drops';
import { moveSideways } from './sideways';

export interface BoardProps {
  groups: TasksByState;
  openTask: string | null;
  selected: ReadonlySet<string>;
  dragged: Task | null;
  /** How many tasks may be in progress at once, where there is such a limit. */
  limit: number | null;
  cancelledShown: boolean;
  onShowCancelled: (shown: boolean) => void;
  onMove: (task: Task, command: Command) => void;
}

/** The columns side by side, each with its own scroll; cancelled tasks are folded until asked for. */
export const Board = memo(function Board(props: BoardProps) {
  const { t } = useTranslation();
  const { dragged, onMove } = props;
  const onDrop = useCallback((command: Command) => dragged && onMove(dragged, command), [dragged, onMove]);
  const cancelled = props.groups.cancelled.length;
  const unfolded = props.cancelledShown || dragged !== null;

  useEndOfDrag(dragged);

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- moves the focus of the cards in it
    <div
      role="group"
      aria-label={t('board.columns')}
      onKeyDown={moveSideways}
      className="flex min-h-0 grow gap-3 overflow-x-auto overflow-y-hidden px-4"
    >
      {COLUMNS.map((column) =>
        column.id === 'cancelled' && !unfolded ? (
          cancelled > 0 && (
            <button
              key={column.id}
              type="button"
              aria-label={t('board.showCancelled', { count: cancelled })}
              title={t('board.showCancelled', { count: cancelled })}
              onClick={() => props.onShowCancelled(true)}
              className="flex w-9 shrink-0 flex-col items-center gap-2 rounded-card pt-2.5 text-small text-faint transition-colors hover:bg-hover hover:text-ink"
            >
              <CircleX aria-hidden className="size-4" />
              {cancelled}
            </button>
          )
        ) : (
          <BoardColumn key={column.id} column={column} board={props} onDrop={onDrop} />
        ),
      )}
    </div>
  );
});

function BoardColumn(props: { column: Column; board: BoardProps; onDrop: (command: Command) => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const { column, board } = props;
  const { dragged } = board;
  return (
    <div className={clsx('relative flex flex-col gap-3 pb-2', COLUMN)}>
      {column.id === 'cancelled' && board.cancelledShown && (
        <IconButton
          label={t('board.hideCancelled')}
          onClick={() => board.onShowCancelled(false)}
          className="absolute top-1 right-0 z-3"
        >
          <ChevronsRightLeft className="size-3.5" />
        </IconButton>
      )}
      {column.states.map((state, index) => (
        <StateSection
          key={state}
          state={state}
          tasks={board.groups[state]}
          limit={state === 'in_progress' ? board.limit : null}
          openTask={board.openTask}
          selected={board.selected}
          verdict={dragged && verdictOn(dragged, state, may)}
          onDrop={props.onDrop}
          // Two states in one column share it; the last takes what is left.
          className={index < column.states.length - 1 ? 'max-h-1/2 shrink-0' : 'grow'}
        />
      ))}
    </div>
  );
}
