/** A random id, for `Idempotency-Key`. `crypto.randomUUID` is missing on plain HTTP outside of localhost. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
