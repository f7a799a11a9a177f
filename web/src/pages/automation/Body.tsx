import type { ReactNode } from 'react';

/** What a part of the automation shows, as far as it scrolls as a whole. */
export function Body({ children }: { children: ReactNode }) {
  return (
    <div className="min-h-0 grow overflow-y-auto px-4 pt-4 pb-16">
      <div className="flex max-w-[1180px] flex-col gap-8">{children}</div>
    </div>
  );
}
