import { useId } from 'react';
import type { Task, TaskState } from '@/shared/api/types';
import { STATE_LOOKS } from '@/shared/ui/states';
import { TimeAgo } from '@/shared/ui/Time';

interface TaskLinesProps {
  title: string;
  state: TaskState;
  tasks: readonly Task[];
  onOpen: (key: string) => void;
}

/** Tasks as lines under a head, for lists that are read rather than steered. */
export function TaskLines(props: TaskLinesProps) {
  const headId = useId();
  const { icon: Icon, color } = STATE_LOOKS[props.state];
  return (
    <section aria-labelledby={headId}>
      <h2 id={headId} className={`mb-2 flex items-center gap-1.5 text-list font-medium ${color}`}>
        <Icon aria-hidden className="size-4" />
        {props.title}
      </h2>
      <ul className="divide-y divide-line rounded-card border border-line bg-surface">
        {props.tasks.map((task) => (
          <li key={task.id}>
            <button
              type="button"
              onClick={() => props.onOpen(task.key)}
              className="flex w-full items-baseline gap-3 px-3 py-2.5 text-left text-list transition-colors hover:bg-hover"
            >
              <span className="shrink-0 text-muted">{task.key}</span>
              <span className="min-w-0 grow">
                <span className="line-clamp-2 break-words">{task.title}</span>
                {task.held && <span className="block text-small text-failed">{task.held}</span>}
              </span>
              <TimeAgo at={task.updatedAt} className="shrink-0 text-small text-faint" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
