/** How long something that was decided can be taken back. */
const UNDO_MS = 5_000;

const waiting = new Set<() => void>();

/**
 * Does something after a while, in which it can be taken back; at once when the page is left. Returns how to take it
 * back: false if it is too late.
 */
export function later(act: () => void, wait = UNDO_MS): () => boolean {
  const run = () => {
    clearTimeout(timer);
    if (waiting.delete(run)) act();
  };
  const timer = setTimeout(run, wait);
  waiting.add(run);
  return () => {
    clearTimeout(timer);
    return waiting.delete(run);
  };
}

/** Does now whatever still waits. */
export function flushLater(): void {
  for (const run of [...waiting]) run();
}

// Leaving the page decides. A request can still be sent when the page is hidden; after that it may be cut off.
if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') flushLater();
  });
  window.addEventListener('pagehide', flushLater);
}
