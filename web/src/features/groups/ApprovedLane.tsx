import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { GroupCheck, Task } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { Commit } from '@/shared/ui/Commit';
import { Foreseen } from './Foreseen';

interface ApprovedLaneProps {
  tasks: readonly Pick<Task, 'id' | 'key' | 'title' | 'approvedCommit'>[];
  /** Keys that are ticked at first. */
  preselected: readonly string[];
  /** What stands in the way of what is ticked, as far as it is known. */
  check: GroupCheck | null;
  allowed: boolean;
  busy: boolean;
  /** Tells the keys that are ticked. */
  onTick: (keys: readonly string[]) => void;
  onShip: (taskIds: string[]) => void;
  onOpenTask: (key: string) => void;
}

/** Approved tasks to choose from; what is chosen goes to staging together. */
export function ApprovedLane(props: ApprovedLaneProps) {
  const { t } = useTranslation();
  const { tasks } = props;
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set(props.preselected));
  const chosen = tasks.filter((task) => ticked.has(task.key));
  const tick = (keys: readonly string[], on: boolean) => {
    const next = new Set(ticked);
    for (const key of keys)
      if (on) next.add(key);
      else next.delete(key);
    setTicked(next);
    props.onTick(tasks.filter(({ key: each }) => next.has(each)).map(({ key: each }) => each));
  };
  if (tasks.length === 0) {
    return (
      <div className="flex flex-col gap-0.5 rounded-card border border-dashed border-line px-4 py-3 text-list">
        <p className="font-medium">{t('empty.approved')}</p>
        <p className="text-muted">{t('empty.approvedText')}</p>
      </div>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onShip(chosen.map(({ id }) => id));
      }}
      className="flex flex-col gap-3"
    >
      <fieldset className="overflow-hidden rounded-card border border-line bg-surface">
        <legend className="sr-only">{t('ship.approved')}</legend>
        <label className="flex h-9 cursor-pointer items-center gap-3 border-b border-line px-3 text-small text-muted">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={chosen.length === tasks.length}
            ref={(box) => {
              if (box) box.indeterminate = chosen.length > 0 && chosen.length < tasks.length;
            }}
            onChange={(event) =>
              tick(
                tasks.map(({ key }) => key),
                event.target.checked,
              )
            }
          />
          {t('ship.all')}
        </label>
        <ul className="divide-y divide-line">
          {tasks.map((task) => (
            <li key={task.id} className="flex items-start gap-3 px-3 py-2 text-list hover:bg-hover">
              <input
                type="checkbox"
                id={`ship-${task.key}`}
                aria-label={`${task.key} ${task.title}`}
                className="mt-0.5 size-4 shrink-0 accent-accent"
                checked={ticked.has(task.key)}
                onChange={(event) => tick([task.key], event.target.checked)}
              />
              <button
                type="button"
                onClick={() => props.onOpenTask(task.key)}
                className="-my-0.5 min-h-6 shrink-0 text-link underline-offset-2 hover:underline"
              >
                {task.key}
              </button>
              <label
                htmlFor={`ship-${task.key}`}
                className="line-clamp-2 min-w-0 grow cursor-pointer break-words"
                title={task.title}
              >
                {task.title}
              </label>
              {task.approvedCommit && (
                <Commit commit={task.approvedCommit} className="mt-px shrink-0 text-faint" />
              )}
            </li>
          ))}
        </ul>
      </fieldset>
      {chosen.length > 0 && props.check && <Foreseen check={props.check} />}
      <Button
        type="submit"
        tone="primary"
        disabled={chosen.length === 0 || props.busy || !props.allowed}
        title={props.allowed ? undefined : t('step.denied')}
        className="self-start max-desk:h-10 max-desk:self-stretch"
      >
        {chosen.length > 0 ? t('ship.ship', { count: chosen.length }) : t('ship.shipNone')}
      </Button>
    </form>
  );
}
