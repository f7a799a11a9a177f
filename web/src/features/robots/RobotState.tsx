import clsx from 'clsx';
import {
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleMinus,
  CirclePause,
  CircleX,
  ClipboardCheck,
  type LucideIcon,
  RotateCcw,
} from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { RobotStatus } from '@/shared/api/types';

/** Picture and colour of each status. */
export const LOOKS: Record<RobotStatus, { icon: LucideIcon; color: string }> = {
  PENDING: { icon: CircleDashed, color: 'text-backlog' },
  PROCESSING: { icon: CircleDot, color: 'text-progress' },
  COMPLETED: { icon: CircleCheck, color: 'text-approved' },
  FAILED: { icon: CircleX, color: 'text-failed' },
  RETRYING: { icon: RotateCcw, color: 'text-input' },
  CANCELLED: { icon: CircleMinus, color: 'text-cancelled' },
};

const STANDING = {
  review: { icon: ClipboardCheck, color: 'text-input' },
  paused: { icon: CirclePause, color: 'text-input' },
};

interface RobotStateProps {
  status: RobotStatus;
  /** Why it does not run, though it was begun. */
  standing?: keyof typeof STANDING | null;
  className?: string;
}

/** How a robot goes: picture, colour and word. */
export function RobotState({ status, standing, className }: RobotStateProps) {
  const { t } = useTranslation();
  const { icon: Icon, color } = standing ? STANDING[standing] : LOOKS[status];
  return (
    <span className={clsx('inline-flex items-center gap-1.5 whitespace-nowrap', color, className)}>
      <Icon aria-hidden className="size-4 shrink-0" />
      {t(standing ? `automation.standing.${standing}` : `automation.status.${status}`)}
    </span>
  );
}
