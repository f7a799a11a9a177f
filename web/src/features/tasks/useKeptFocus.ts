import { type RefObject, useLayoutEffect } from 'react';

let left: string | null = null;

/** Keeps the focus on what is drawn anew elsewhere, as a card that went to another column. */
export function useKeptFocus(id: string, element: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const shown = element.current;
    if (left === id && document.activeElement === document.body) shown?.focus({ preventScroll: true });
    return () => {
      if (shown && document.activeElement === shown) left = id;
    };
  }, [id, element]);
}
