import clsx from 'clsx';
import { ChevronsRightLeft } from 'lucide-react';
import { memo, useCallback } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Task } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { IconButton } from '@/shared/ui/IconButton';
import { COLUMNS, type Column, type ColumnId, countOf, type TasksByState } from './board';
import { useEndOfDrag } from './boardContext';
import { COLUMN, StateSection } from './BoardColumn';
import { type Command, type Verdict, verdictOn } from './drops';
import { FoldedColumn } from './FoldedColumn';
import { moveSideways } from './sideways';
import type { Folds } from './useFolds';

export interface BoardProps {
  groups: TasksByState;
  openTask: string | null;
  selected: ReadonlySet<string>;
  dragged: Task | null;
  /** How many tasks may be in progress at once, where there is such a limit. */
  limit: number | null;
  folds: Folds;
  onFold: (column: ColumnId, folded: boolean) => void;
  onMove: (task: Task, command: Command) => void;
}

/** The columns side by side, each with its own scroll; what a person does not look at can be folded. */
export const Board = memo(function Board(props: BoardProps) {
  const { t } = useTranslation();
  const may = useMay();
  const { dragged, onMove } = props;
  const onDrop = useCallback((command: Command) => dragged && onMove(dragged, command), [dragged, onMove]);

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
        props.folds.has(column.id) ? (
          <FoldedColumn
            key={column.id}
            column={column}
            count={countOf(column, props.groups)}
            verdict={dragged && verdictOnColumn(dragged, column, may)}
            onDrop={onDrop}
            onUnfold={() => props.onFold(column.id, false)}
          />
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
    <div className={clsx('group/column relative flex flex-col gap-3 pb-2', COLUMN)}>
      <IconButton
        label={t('board.fold', { name: t(`state.${column.id}`) })}
        onClick={() => board.onFold(column.id, true)}
        className="absolute top-1 right-0 z-3 opacity-0 group-hover/column:opacity-100 focus-visible:opacity-100"
      >
        <ChevronsRightLeft className="size-3.5" />
      </IconButton>
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

/** A folded column takes what any of its states takes. */
function verdictOnColumn(
  task: Task,
  { states }: Column,
  may: Parameters<typeof verdictOn>[2],
): Verdict | null {
  const verdicts = states.map((state) => verdictOn(task, state, may)).filter((verdict) => verdict !== null);
  return verdicts.find((verdict) => 'command' in verdict) ?? verdicts[0] ?? null;
}
