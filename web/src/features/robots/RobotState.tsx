import clsx from 'clsx';
import {
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleMinus,
  CircleX,
  ClipboardCheck,
  type LucideIcon,
  RotateCcw,
} from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { RobotStatus } from '@/shared/api/types';
import { inReview } from './reasons';

/** Picture and colour of each status. */
export const LOOKS: Record<RobotStatus, { icon: LucideIcon; color: string }> = {
  PENDING: { icon: CircleDashed, color: 'text-backlog' },
  PROCESSING: { icon: CircleDot, color: 'text-progress' },
  COMPLETED: { icon: CircleCheck, color: 'text-approved' },
  FAILED: { icon: CircleX, color: 'text-failed' },
  RETRYING: { icon: RotateCcw, color: 'text-input' },
  CANCELLED: { icon: CircleMinus, color: 'text-cancelled' },
};

const HELD = { icon: ClipboardCheck, color: 'text-input' };

interface RobotStateProps {
  status: RobotStatus;
  /** What is said of its last held result. */
  review?: string | null;
  className?: string;
}

/** How a robot goes: picture, colour and word. One whose result waits for a person does not run any more. */
export function RobotState({ status, review, className }: RobotStateProps) {
  const { t } = useTranslation();
  const held = inReview({ status, review: review ?? null });
  const { icon: Icon, color } = held ? HELD : LOOKS[status];
  return (
    <span className={clsx('inline-flex items-center gap-1.5 whitespace-nowrap', color, className)}>
      <Icon aria-hidden className="size-4 shrink-0" />
      {t(held ? 'automation.review' : `automation.status.${status}`)}
    </span>
  );
}
