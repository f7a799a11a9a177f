import clsx from 'clsx';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { COLUMNS, type ColumnId, countOf, firstColumn, type TasksByState } from './board';
import { StateSection } from './BoardColumn';

/** The board of a phone: one column at a time, chosen above it. */
export function NarrowBoard(props: {
  groups: TasksByState;
  openTask: string | null;
  onOpen: (key: string) => void;
}) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<ColumnId | null>(null);
  const shown = chosen ?? firstColumn(props.groups);
  const column = COLUMNS.find(({ id }) => id === shown) ?? COLUMNS[0];
  return (
    <div className="flex min-h-0 grow flex-col">
      <div
        role="group"
        aria-label={t('board.columns')}
        className="flex shrink-0 gap-1.5 overflow-x-auto px-3 pb-2 [scrollbar-width:none]"
      >
        {COLUMNS.map((each) => (
          <button
            key={each.id}
            type="button"
            aria-pressed={each.id === shown}
            onClick={() => setChosen(each.id)}
            className={clsx(
              'h-9 shrink-0 rounded-full border px-3 text-list whitespace-nowrap transition-colors',
              each.id === shown ? 'border-focus bg-surface font-medium' : 'border-line text-muted',
            )}
          >
            {t(`state.${each.id}`)} <span className="text-faint">{countOf(each, props.groups)}</span>
          </button>
        ))}
      </div>
      <div className="min-h-0 grow overflow-y-auto px-3 pb-4">
        {column.states.map((state) => (
          <StateSection
            key={state}
            state={state}
            tasks={props.groups[state]}
            openTask={props.openTask}
            onOpen={props.onOpen}
          />
        ))}
      </div>
    </div>
  );
}
