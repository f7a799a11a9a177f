/** How many lines came and went. */
export function Counts(props: { additions: number; deletions: number }) {
  return (
    <span className="shrink-0 text-small whitespace-nowrap">
      <span className="text-approved">+{props.additions}</span>{' '}
      <span className="text-failed">−{props.deletions}</span>
    </span>
  );
}
