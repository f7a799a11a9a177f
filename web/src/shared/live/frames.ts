/** Gathers what is added until the next frame and hands it on at once: fifty events in a frame are one update. */
export class FrameBuffer<Item> {
  #items: Item[] = [];
  #scheduled = false;

  constructor(
    private readonly flush: (items: readonly Item[]) => void,
    private readonly schedule: (callback: () => void) => void = nextFrame,
  ) {}

  add(items: readonly Item[]): void {
    this.#items.push(...items);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.schedule(() => {
      this.#scheduled = false;
      const ready = this.#items;
      this.#items = [];
      this.flush(ready);
    });
  }
}

/** Before the next paint; a hidden page does not paint, so there a timer has to do. */
function nextFrame(callback: () => void): void {
  if (document.hidden) setTimeout(callback, 250);
  else requestAnimationFrame(callback);
}
