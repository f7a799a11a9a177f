/** A value as it was sent, to be read. */
export function Json({ value }: { value: unknown }) {
  return (
    <pre className="max-h-[420px] overflow-y-auto px-4 py-3 font-mono text-small [overflow-wrap:anywhere] whitespace-pre-wrap">
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
