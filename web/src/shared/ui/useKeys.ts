import { useEffect } from 'react';

/** What keys do, by their name: "c", "?", "/", or two after each other, as "g b". */
export type Keys = Partial<Record<string, () => void>>;

const SECOND_WITHIN_MS = 1_200;

/** Keys that work everywhere on the page, except while somebody types or something floats above it. */
export function useKeys(keys: Keys): void {
  useEffect(() => {
    let first = '';
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || isBusy(event.target))
        return;
      const act = keys[`${first} ${event.key}`.trim()];
      const begins = Object.keys(keys).some((name) => name.startsWith(`${event.key} `));
      clearTimeout(timer);
      first = !act && begins ? event.key : '';
      timer = setTimeout(() => (first = ''), SECOND_WITHIN_MS);
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKey);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('keydown', onKey);
    };
  }, [keys]);
}

function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('[role$="dialog"],[role="menu"]')) return true;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
