/** Gives the `Idempotency-Key` of a request. */
export interface RequestKeys {
  /** The same request, sent again because no answer came, gets the same key; a different one a new key. */
  of(request: unknown): string;
  /** The last request was answered: even the same one is a new wish from now on. */
  answered(): void;
}

export function makeRequestKeys(): RequestKeys {
  let last: { request: string; key: string } | null = null;
  return {
    of(request) {
      const text = JSON.stringify(request);
      if (last?.request !== text) last = { request: text, key: randomId() };
      return last.key;
    },
    answered() {
      last = null;
    },
  };
}

// `crypto.randomUUID` is missing on plain HTTP outside of localhost.
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
