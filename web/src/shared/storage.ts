/** What this browser remembers under a name; null if nothing, or if storage is forbidden. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Remembers, or forgets with null. Where storage is forbidden the choice lasts until the page is left. */
export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // The choice still holds in this tab.
  }
}
