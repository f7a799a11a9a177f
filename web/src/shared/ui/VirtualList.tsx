import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { type KeyboardEvent, type ReactNode, type RefObject, useCallback, useEffect, useRef } from 'react';

interface VirtualListProps<Item> {
  items: readonly Item[];
  /** A function that stays the same from one drawing to the next. */
  keyOf: (item: Item) => string;
  /** How high an item probably is, in pixels; each is measured when it is drawn. */
  estimate: number | ((item: Item) => number);
  gap?: number;
  label?: string;
  className?: string;
  /** There are more than these: they are asked for by `onEnd`, shortly before the last one comes into sight. */
  onEnd?: (() => void) | undefined;
  /** Which items are drawn; called when that changes. */
  onShown?: ((items: readonly Item[]) => void) | undefined;
  /** What scrolls, for whoever wants to scroll it. */
  scroller?: RefObject<HTMLDivElement | null>;
  children: (item: Item) => ReactNode;
}

const NEAR_END = 20;

/**
 * A list that scrolls by itself and draws only what is in sight. Arrow keys, J and K move the focus between items; what
 * takes it within an item is marked with `data-focus`.
 */
export function VirtualList<Item>(props: VirtualListProps<Item>) {
  const { items, keyOf, estimate, onEnd, onShown } = props;
  const own = useRef<HTMLDivElement>(null);
  const scroll = props.scroller ?? own;
  // A new function at each drawing would have every position computed again, at each step of a scroll.
  const getItemKey = useCallback(
    (index: number) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
    [items, keyOf],
  );
  // The compiler of React leaves this component alone, which is right: the virtualizer changes from within.
  // eslint-disable-next-line react-hooks/incompatible-library
  const list = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => {
      const item = items[index];
      return typeof estimate === 'number' ? estimate : item === undefined ? 0 : estimate(item);
    },
    gap: props.gap ?? 0,
    overscan: 3,
    // New rows are drawn in a task of their own, so that moving the rows that are there stays smooth.
    useFlushSync: false,
    getItemKey,
  });
  const drawn = list.getVirtualItems();
  const [first, last] = [drawn[0]?.index ?? 0, drawn.at(-1)?.index ?? -1];
  useEffect(() => {
    onShown?.(items.slice(first, last + 1));
  }, [onShown, items, first, last]);
  useEffect(() => {
    if (last >= items.length - NEAR_END) onEnd?.();
  }, [onEnd, items.length, last]);

  const focus = (index: number, tries = 5) => {
    const row = scroll.current?.querySelector<HTMLElement>(`[data-index="${index}"] [data-focus]`);
    if (row) row.focus({ preventScroll: true });
    else if (tries > 0) requestAnimationFrame(() => focus(index, tries - 1));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = stepOf(event);
    const row = event.target instanceof Element && event.target.closest<HTMLElement>('[data-index]');
    if (step === 0 || !row || isTyping(event.target)) return;
    const next = Number(row.dataset['index']) + step;
    if (next < 0 || next >= items.length) return;
    event.preventDefault();
    list.scrollToIndex(next);
    focus(next);
  };
  return (
    <div ref={scroll} className={clsx('min-h-0 overflow-y-auto', props.className)}>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- moves the focus of what is in it */}
      <ul
        aria-label={props.label}
        className="relative"
        style={{ height: list.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {drawn.map((row) => {
          const item = items[row.index];
          return (
            item !== undefined && (
              <li
                key={row.key}
                ref={list.measureElement}
                data-index={row.index}
                aria-setsize={onEnd ? -1 : items.length}
                aria-posinset={row.index + 1}
                className="absolute inset-x-0 top-0 [contain:layout_style]"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                {props.children(item)}
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

function stepOf(event: KeyboardEvent): number {
  if (event.ctrlKey || event.metaKey || event.altKey) return 0;
  if (event.key === 'ArrowDown' || event.key === 'j') return 1;
  return event.key === 'ArrowUp' || event.key === 'k' ? -1 : 0;
}

function isTyping(target: EventTarget): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && target.type !== 'checkbox')
  );
}
