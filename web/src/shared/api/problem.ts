/** What went wrong, as the server said it: one sentence, a stable code, and the HTTP status (0: no answer came). */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** Whether asking again can help: the server was not reached, or is in trouble for a moment. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Reads the error envelope; anything else, as a proxy's HTML page, becomes a Problem too. */
export function problemFrom(status: number, body: unknown): Problem {
  const error = isRecord(body) ? body['error'] : undefined;
  if (isRecord(error) && typeof error['code'] === 'string' && typeof error['message'] === 'string') {
    return new Problem(
      status,
      error['code'],
      error['message'],
      isRecord(error['details']) ? error['details'] : {},
    );
  }
  return new Problem(status, 'unexpected_answer', `The server answered ${status} without saying why.`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
