import type { KeyboardEvent } from 'react';

/** Arrow keys, H and L go to the first card of the next column that has one. */
export function moveSideways(event: KeyboardEvent<HTMLElement>): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLButtonElement)) return;
  const step = { ArrowRight: 1, l: 1, ArrowLeft: -1, h: -1 }[event.key];
  const here = event.target.closest('[data-column]');
  if (!step || !here) return;
  event.preventDefault();
  const columns = [...event.currentTarget.querySelectorAll('[data-column]')];
  const [before, after] = [
    columns.slice(0, columns.indexOf(here)).reverse(),
    columns.slice(columns.indexOf(here) + 1),
  ];
  const next = (step > 0 ? after : before).find((column) => column.querySelector('[data-focus]'));
  next?.querySelector<HTMLElement>('[data-focus]')?.focus();
}
