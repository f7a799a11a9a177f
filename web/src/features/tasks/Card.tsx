import clsx from 'clsx';
import { Ellipsis } from 'lucide-react';
import { type KeyboardEvent, memo, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Task } from '@/shared/api/types';
import { PriorityMark } from '@/shared/ui/PriorityMark';
import { useGlow } from '@/shared/ui/useGlow';
import { useBoardActs } from './boardContext';
import { CardBadge, CardFoot } from './CardFacts';
import { useKeptFocus } from './useKeptFocus';

interface CardProps {
  task: Task;
  open: boolean;
  selected: boolean;
}

/**
 * A task on the board, in three lines at most. Its title opens it; X ticks it, M shows where it can go, and a mouse
 * can drag it.
 */
export const Card = memo(function Card({ task, open, selected }: CardProps) {
  const { t } = useTranslation();
  const acts = useBoardActs();
  const glowing = useGlow(task.state);
  // Controls that nobody points at are not drawn: most cards only pass by.
  const title = useRef<HTMLButtonElement>(null);
  const [pointed, setPointed] = useState(false);
  useKeptFocus(task.id, title);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'x') acts.select(task.id);
    else if (event.key === 'm') acts.menu(task, event.currentTarget);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- "Move to" in the menu does the same by keyboard
    <article
      draggable
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData('text/plain', task.key);
        // Chromium ends a drag at once if the page changes while it starts.
        requestAnimationFrame(() => acts.drag(task));
      }}
      onDragEnd={() => acts.drag(null)}
      // Not when it enters: a card that is scrolled below a pointer at rest stays as it is.
      onPointerMove={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      className={clsx(
        'relative rounded-card border bg-surface px-3 py-2 hover:border-line-strong',
        open || selected ? 'border-focus ring-1 ring-focus ring-inset' : 'border-line',
        glowing && 'animate-glow',
      )}
    >
      <div className="flex h-5 items-center gap-2 text-small text-muted">
        <span className="shrink-0 whitespace-nowrap">{task.key}</span>
        <PriorityMark
          priority={task.priority}
          word={task.priority === 'urgent' || task.priority === 'high'}
        />
        <span className="grow" />
        <CardBadge task={task} />
        {(pointed || selected) && !acts.narrow && (
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={t('board.select', { key: task.key })}
            checked={selected}
            onChange={() => acts.select(task.id)}
            className="relative z-1 -ml-0.5 size-4 accent-accent"
          />
        )}
        {(pointed || acts.narrow) && (
          <button
            type="button"
            tabIndex={-1}
            aria-label={t('board.menuOf', { key: task.key })}
            onClick={() => title.current && acts.menu(task, title.current)}
            className="relative z-1 -mr-1.5 flex size-6 items-center justify-center rounded-control hover:bg-hover hover:text-ink"
          >
            <Ellipsis aria-hidden className="size-4" />
          </button>
        )}
      </div>
      <button
        ref={title}
        type="button"
        id={`card-${task.key}`}
        data-focus
        title={task.title}
        aria-keyshortcuts="X M"
        onClick={() => acts.open(task.key)}
        onKeyDown={onKeyDown}
        className="mt-0.5 line-clamp-2 w-full text-left text-list font-medium break-words outline-none after:absolute after:inset-0 after:rounded-card focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
      >
        {task.title}
      </button>
      <CardFoot task={task} />
    </article>
  );
});
