import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Task, TaskState } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { StateBadge } from '@/shared/ui/StateBadge';
import { Card } from './Card';

// A column can hold thousands; nobody reads them all, and a phone need not draw them all.
const SHOWN_AT_ONCE = 50;

interface CardListProps {
  tasks: readonly Task[];
  openTask: string | null;
  onOpen: (key: string) => void;
}

/** One state of the board: its head with a count (and limit), and its cards. */
export function StateSection(props: CardListProps & { state: TaskState; limit?: number | null }) {
  const { t } = useTranslation();
  const { state, tasks, limit } = props;
  const headId = `column-${state}`;
  const [most, setMost] = useState(SHOWN_AT_ONCE);
  const hidden = Math.max(0, tasks.length - most);
  return (
    <section aria-labelledby={headId} className="flex flex-col">
      <header className="sticky top-0 z-2 flex h-9 items-center gap-2 bg-canvas text-list font-medium">
        <h2 id={headId}>
          <StateBadge state={state} />
        </h2>
        <span className="text-faint">
          {typeof limit === 'number' ? `${tasks.length}/${limit}` : tasks.length}
        </span>
      </header>
      {tasks.length > 0 ? (
        <ul className="flex flex-col gap-2 pb-3">
          {tasks.slice(0, most).map((task) => (
            <Card key={task.id} task={task} open={task.key === props.openTask} onOpen={props.onOpen} />
          ))}
        </ul>
      ) : (
        <p className="rounded-card border border-dashed border-line px-3 py-2.5 text-small text-faint">
          {t('board.emptyColumn')}
        </p>
      )}
      {hidden > 0 && (
        <Button tone="quiet" className="mb-3" onClick={() => setMost(most + SHOWN_AT_ONCE)}>
          {t('board.showMore', { count: hidden })}
        </Button>
      )}
    </section>
  );
}
