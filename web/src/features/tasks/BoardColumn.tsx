import { useTranslation } from 'react-i18next';
import type { Task, TaskState } from '@/shared/api/types';
import { StateBadge } from '@/shared/ui/StateBadge';
import { Card } from './Card';

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
          {tasks.map((task) => (
            <Card key={task.id} task={task} open={task.key === props.openTask} onOpen={props.onOpen} />
          ))}
        </ul>
      ) : (
        <p className="rounded-card border border-dashed border-line px-3 py-2.5 text-small text-faint">
          {t('board.emptyColumn')}
        </p>
      )}
    </section>
  );
}
