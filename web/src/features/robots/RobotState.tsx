import clsx from 'clsx';
import {
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleMinus,
  CircleX,
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

/** How a robot goes: picture, colour and word. */
export function RobotState(props: { status: RobotStatus; className?: string }) {
  const { t } = useTranslation();
  const { icon: Icon, color } = LOOKS[props.status];
  return (
    <span className={clsx('inline-flex items-center gap-1.5 whitespace-nowrap', color, props.className)}>
      <Icon aria-hidden className="size-4 shrink-0" />
      {t(`automation.status.${props.status}`)}
    </span>
  );
}
