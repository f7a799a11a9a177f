import type { ReactNode } from 'react';

/** Nothing here, and what to do about it. */
export function EmptyState(props: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-[440px] flex-col items-center gap-2 px-6 py-16 text-center">
      <span className="mb-1 text-faint" aria-hidden>
        {props.icon}
      </span>
      <h2 className="text-body font-semibold">{props.title}</h2>
      <div className="text-list text-balance text-muted">{props.children}</div>
    </div>
  );
}
