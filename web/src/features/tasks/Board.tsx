import { ChevronsRightLeft, CircleX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Task } from '@/shared/api/types';
import { IconButton } from '@/shared/ui/IconButton';
import { COLUMNS, type Column, type TasksByState } from './board';
import { StateSection } from './BoardColumn';

interface BoardProps {
  groups: TasksByState;
  openTask: string | null;
  /** How many tasks may be in progress at once, where there is such a limit. */
  limit: number | null;
  cancelledShown: boolean;
  onShowCancelled: (shown: boolean) => void;
  onOpen: (key: Task['key']) => void;
}

/** The columns side by side, each with its own scroll; cancelled tasks are folded until asked for. */
export function Board(props: BoardProps) {
  const { t } = useTranslation();
  const cancelled = props.groups.cancelled.length;
  return (
    <div
      role="group"
      aria-label={t('board.columns')}
      className="flex min-h-0 grow gap-3 overflow-x-auto overflow-y-hidden px-4"
    >
      {COLUMNS.map((column) =>
        column.id === 'cancelled' && !props.cancelledShown ? (
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
          <BoardColumn key={column.id} column={column} board={props} />
        ),
      )}
    </div>
  );
}

function BoardColumn(props: { column: Column; board: BoardProps }) {
  const { t } = useTranslation();
  const { column, board } = props;
  return (
    <div className="relative flex max-w-[340px] min-w-[236px] flex-[1_0_0] flex-col gap-3 overflow-y-auto pb-4">
      {column.id === 'cancelled' && (
        <IconButton
          label={t('board.hideCancelled')}
          onClick={() => board.onShowCancelled(false)}
          className="absolute top-1 right-0 z-3"
        >
          <ChevronsRightLeft className="size-3.5" />
        </IconButton>
      )}
      {column.states.map((state) => (
        <StateSection
          key={state}
          state={state}
          tasks={board.groups[state]}
          limit={state === 'in_progress' ? board.limit : null}
          openTask={board.openTask}
          onOpen={board.onOpen}
        />
      ))}
    </div>
  );
}
