import { createContext, useContext, useEffect } from 'react';
import type { Task } from '@/shared/api/types';

/** What the cards of a board can ask of it. */
export interface BoardActs {
  open: (key: string) => void;
  /** Ticks a card, or takes the tick away. */
  select: (id: string) => void;
  /** Shows what can be done with a task, beside the button that was pressed. */
  menu: (task: Task, anchor: HTMLElement) => void;
  drag: (task: Task | null) => void;
  /** On a phone nothing hovers: what a pointer would bring up is always there. */
  narrow: boolean;
}

export const BoardContext = createContext<BoardActs>({
  open: () => undefined,
  select: () => undefined,
  menu: () => undefined,
  drag: () => undefined,
  narrow: false,
});

export function useBoardActs(): BoardActs {
  return useContext(BoardContext);
}

/** A card that scrolled out of sight while it was dragged cannot tell the end; the pointer comes back only after it. */
export function useEndOfDrag(dragged: Task | null): void {
  const { drag } = useBoardActs();
  useEffect(() => {
    if (!dragged) return;
    const end = () => drag(null);
    document.addEventListener('pointermove', end, { once: true });
    return () => document.removeEventListener('pointermove', end);
  }, [dragged, drag]);
}
