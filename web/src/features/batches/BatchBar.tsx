import type { Batch, RobotStatus } from '@/shared/api/types';
import clsx from 'clsx';
import { partsOf } from './progress';

const COLORS: Record<RobotStatus, string> = {
  COMPLETED: 'text-approved',
  FAILED: 'text-failed',
  CANCELLED: 'text-line-strong',
  PROCESSING: 'text-progress',
  RETRYING: 'text-input',
  PENDING: 'text-hover',
};

/** How far a batch is, as a bar of its robots by how they go; words beside it say the same. */
export function BatchBar(props: { batch: Batch; className?: string }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      className={clsx('h-2 w-full rounded-full bg-hover', props.className)}
    >
      {partsOf(props.batch).map(({ status, begin, length }) => (
        <rect
          key={status}
          x={begin}
          width={length}
          height="8"
          fill="currentColor"
          className={clsx('transition-all', COLORS[status])}
        />
      ))}
    </svg>
  );
}
