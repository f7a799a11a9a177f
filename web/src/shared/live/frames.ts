/** Between two updates of the page: often enough for those who watch, rarely enough for those who type. */
const REST_MS = 250;
const HIDDEN_MS = 250;

/**
 * Gathers what is added until the next frame and hands it on at once; then it rests for a while. The first of some news
 * is shown without delay, and fifty a second are four updates.
 */
export class FrameBuffer<Item> {
  #items: Item[] = [];
  #scheduled = false;
  #restsUntil = 0;

  constructor(
    private readonly flush: (items: readonly Item[]) => void,
    private readonly schedule: (callback: () => void, wait: number) => void = soon,
    private readonly now: () => number = () => performance.now(),
  ) {}

  add(items: readonly Item[]): void {
    this.#items.push(...items);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.schedule(
      () => {
        this.#scheduled = false;
        this.#restsUntil = this.now() + REST_MS;
        const ready = this.#items;
        this.#items = [];
        this.flush(ready);
      },
      Math.max(0, this.#restsUntil - this.now()),
    );
  }
}

/** Before the next paint, or after a wait; a hidden page does not paint, so there a timer has to do. */
function soon(callback: () => void, wait: number): void {
  if (document.hidden) setTimeout(callback, Math.max(wait, HIDDEN_MS));
  else if (wait > 0) setTimeout(callback, wait);
  else requestAnimationFrame(callback);
}
