import clsx from 'clsx';
import { useTranslation } from 'react-i18next';
import type { TaskPriority } from '@/shared/api/types';

const BARS: Record<TaskPriority, number> = { low: 1, medium: 2, high: 3, urgent: 3 };

/** A task's priority as bars; the word is added where it matters (`word`), and is always there to be read out. */
export function PriorityMark(props: { priority: TaskPriority; word?: boolean }) {
  const { t } = useTranslation();
  const { priority } = props;
  const name = t(`priority.${priority}`);
  const urgent = priority === 'urgent';
  return (
    <span
      className={clsx(
        'inline-flex min-w-0 items-center gap-1 text-small',
        urgent ? 'text-failed' : 'text-muted',
      )}
      title={`${t('priority.label')}: ${name}`}
    >
      <svg aria-hidden viewBox="0 0 12 12" className="size-3 shrink-0" fill="currentColor">
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={bar * 4.5}
            y={8 - bar * 3.5}
            width="3"
            height={4 + bar * 3.5}
            rx="1"
            opacity={bar < BARS[priority] ? 1 : 0.28}
          />
        ))}
      </svg>
      <span className={props.word ? 'truncate' : 'sr-only'}>{name}</span>
    </span>
  );
}
