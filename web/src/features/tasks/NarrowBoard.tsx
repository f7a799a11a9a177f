import clsx from 'clsx';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { COLUMNS, type ColumnId, countOf, firstColumn, type TasksByState } from './board';
import { StateSection } from './BoardColumn';

/** The board of a phone: one column at a time, chosen above it. */
export function NarrowBoard(props: {
  groups: TasksByState;
  openTask: string | null;
  selected: ReadonlySet<string>;
  limit: number | null;
}) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<ColumnId | null>(null);
  const shown = chosen ?? firstColumn(props.groups);
  const column = COLUMNS.find(({ id }) => id === shown) ?? COLUMNS[0];
  const pills = useRef<HTMLDivElement>(null);
  useEffect(() => {
    pills.current
      ?.querySelector('[aria-pressed=true]')
      ?.scrollIntoView({ inline: 'center', block: 'nearest' });
  }, [shown]);
  return (
    <div className="flex min-h-0 grow flex-col">
      <div
        ref={pills}
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
            {t(`state.${each.id}`)}{' '}
            <span className="text-faint">
              {countOf(each, props.groups)}
              {each.id === 'in_progress' && props.limit !== null && `/${props.limit}`}
            </span>
          </button>
        ))}
      </div>
      <div className="flex min-h-0 grow flex-col gap-2 px-3 pb-2">
        {column.states.map((state, index) => (
          <StateSection
            key={state}
            state={state}
            tasks={props.groups[state]}
            limit={state === 'in_progress' ? props.limit : null}
            openTask={props.openTask}
            selected={props.selected}
            className={clsx(
              index < column.states.length - 1 ? 'max-h-1/2 shrink-0' : 'grow',
              // Its name stands above it.
              column.states.length === 1 && '[&>header]:sr-only',
            )}
          />
        ))}
      </div>
    </div>
  );
}
