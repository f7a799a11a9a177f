import type { CSSProperties } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Task, TaskState } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { StateBadge } from '@/shared/ui/StateBadge';
import { VirtualList } from '@/shared/ui/VirtualList';
import { COLUMNS } from './board';
import { useEndOfDrag } from './boardContext';
import { StateSection } from './BoardColumn';
import { type Command, verdictOn } from './drops';
import type { Lane } from './lanes';
import { moveSideways } from './sideways';
import type { Folds } from './useFolds';

interface LanesProps {
  lanes: readonly Lane[];
  /** What a lane is called; null: what nobody has. */
  nameOf: (name: string | null) => string;
  openTask: string | null;
  selected: ReadonlySet<string>;
  dragged: Task | null;
  folds: Folds;
  onMove: (task: Task, command: Command) => void;
}

// Staging and production stand apart here: one more column than on the board.
const CELL = 'min-w-0 flex-1 basis-0';
const CELL_PX = 190;

// What stands above the lanes, and what of a lane is no cell.
const ABOVE_PX = 136;
const BESIDE_PX = 52;

const nameOfLane = ({ name }: Lane) => name ?? '';

/** Lanes share the height that there is, as long as each has room for some cards. */
function heightOf(lanes: number): CSSProperties {
  const share = `calc((100dvh - ${ABOVE_PX}px) / ${lanes} - ${BESIDE_PX}px)`;
  return { '--lane': `max(344px, ${share})` } as CSSProperties;
}

/** The board in lanes below each other: the states stand above all of them, each cell scrolls by itself. */
export function Lanes(props: LanesProps) {
  const { t } = useTranslation();
  const may = useMay();
  const { dragged } = props;
  const states: TaskState[] = COLUMNS.filter(({ id }) => !props.folds.has(id)).flatMap(
    (column) => column.states,
  );

  useEndOfDrag(dragged);

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- moves the focus of the cards in it
    <div
      role="group"
      aria-label={t('board.columns')}
      onKeyDown={moveSideways}
      className="min-h-0 grow overflow-x-auto overflow-y-hidden"
    >
      <div
        className="flex h-full min-w-full flex-col"
        style={{ width: states.length * CELL_PX, ...heightOf(props.lanes.length) }}
      >
        <div
          aria-hidden
          className="flex h-9 shrink-0 items-center gap-3 overflow-hidden px-4 text-list font-medium [scrollbar-gutter:stable]"
        >
          {states.map((state) => (
            <span key={state} className={CELL}>
              <StateBadge state={state} />
            </span>
          ))}
        </div>
        <VirtualList
          items={props.lanes}
          keyOf={nameOfLane}
          estimate={260}
          label={t('board.lanes.label')}
          className="grow [scrollbar-gutter:stable]"
        >
          {(lane) => {
            const name = props.nameOf(lane.name);
            return (
              <section aria-label={name} className="border-t border-line px-4 pt-2 pb-3">
                <h2 className="flex h-7 items-center gap-2 text-list font-semibold">
                  {name} <span className="font-normal text-faint">{lane.count}</span>
                </h2>
                <div className="flex gap-3">
                  {states.map((state) => (
                    <StateSection
                      key={state}
                      lane={name}
                      state={state}
                      tasks={lane.groups[state]}
                      openTask={props.openTask}
                      selected={props.selected}
                      verdict={dragged && verdictOn(dragged, state, may)}
                      onDrop={(command) => dragged && props.onMove(dragged, command)}
                      className={`${CELL} max-h-(--lane) min-h-12`}
                    />
                  ))}
                </div>
              </section>
            );
          }}
        </VirtualList>
      </div>
    </div>
  );
}
