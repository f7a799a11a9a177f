import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import type { TaskPriority } from '@/shared/api/types';

const BARS: Record<TaskPriority, number> = { low: 1, medium: 2, high: 3, urgent: 3 };

const SHAPES = ['M0 8h3v4h-3z', 'M4.5 4.5h3v7.5h-3z', 'M9 1h3v11h-3z'];

/** A task's priority as bars; the word is added where it matters (`word`) and has room, and is always there to be read out. */
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
        <path d={SHAPES.slice(0, BARS[priority]).join('')} />
        {BARS[priority] < SHAPES.length && <path d={SHAPES.slice(BARS[priority]).join('')} opacity="0.28" />}
      </svg>
      <span className={props.word ? 'truncate @max-[236px]:sr-only' : 'sr-only'}>{name}</span>
    </span>
  );
}
