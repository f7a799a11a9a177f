import { Skeleton } from '@/shared/ui/Skeleton';

/** The board before its tasks are there. */
export function BoardSkeleton() {
  return (
    <div className="flex gap-3 overflow-hidden px-4 pt-2">
      {[3, 2, 1, 2, 3, 1].map((cards, column) => (
        <div
          key={column}
          className="flex shrink-0 flex-col gap-2 max-desk:w-full desk:max-w-[344px] desk:min-w-[200px] desk:flex-1"
        >
          <Skeleton className="mb-1 h-6 w-28" />
          {Array.from({ length: cards }, (_, card) => (
            <Skeleton key={card} className="h-[74px] rounded-card" />
          ))}
        </div>
      ))}
    </div>
  );
}
