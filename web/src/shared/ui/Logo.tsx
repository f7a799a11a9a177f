/** The mark: three bars at work, one of them done. */
export function Logo(props: { className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className={props.className}>
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path d="M9 22V12m7 10V9m7 13v-6" stroke="var(--on-accent)" strokeWidth="3.4" strokeLinecap="round" />
    </svg>
  );
}
