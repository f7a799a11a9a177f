import clsx from 'clsx';
import { ClockAlert } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { saying } from '@/shared/i18n/told';
import type { Robot } from '@/shared/api/types';
import { duration } from '@/shared/format/time';
import { TimeAgo } from '@/shared/ui/Time';
import { useGlow } from '@/shared/ui/useGlow';
import { errorOf, standing } from './reasons';
import { RobotState } from './RobotState';

/** A robot in a list, always as high as the others: how it goes, what it is, why it waits or failed, who has it. */
export function RobotLine({ robot }: { robot: Robot }) {
  const { t } = useTranslation();
  const stands = standing(robot);
  const glowing = useGlow(stands ?? robot.status);
  const error = errorOf(robot, t)?.message;
  const waits = robot.status === 'PENDING' || robot.status === 'RETRYING' || stands !== null;
  const remark = (waits ? saying(robot.waiting, robot.waitingTold, t) : null) ?? error;
  const late = robot.deadline?.atRisk === true;
  return (
    <span
      className={clsx(
        'grid h-[60px] content-center items-center gap-x-4 gap-y-0.5 px-3 text-list desk:h-[38px] desk:grid-cols-[132px_minmax(0,1fr)_minmax(0,150px)_76px_68px] wide:grid-cols-[148px_minmax(0,1fr)_minmax(0,1fr)_minmax(0,160px)_76px_68px] max-desk:grid-cols-[minmax(0,1fr)_auto]',
        glowing && 'animate-glow',
      )}
    >
      <span className="flex min-w-0 items-center gap-1.5">
        <RobotState status={robot.status} standing={stands} className="min-w-0" />
        {late && (
          <ClockAlert
            role="img"
            aria-label={t('automation.robot.atRisk')}
            className="size-4 shrink-0 text-input"
          />
        )}
      </span>
      <span className="truncate max-desk:order-3 max-desk:col-span-2">
        <span className="font-medium">{robot.robotType}</span>{' '}
        <code
          className={clsx('font-mono text-small text-faint', remark && 'max-wide:hidden')}
          title={robot.robotId}
        >
          {robot.sourceReference ?? robot.robotId}
        </code>
        {remark && (
          <span className="text-small text-muted wide:hidden" title={remark}>
            {remark}
          </span>
        )}
      </span>
      <span className="truncate text-small text-muted max-wide:hidden" title={remark}>
        {remark}
      </span>
      <span className="truncate text-muted max-desk:hidden" title={robot.moduleName}>
        {robot.moduleName}
      </span>
      <span className="text-right text-small whitespace-nowrap text-faint tabular-nums max-desk:hidden">
        {robot.processingTimeMs !== null && (
          <span title={t('automation.robot.took')}>{duration(robot.processingTimeMs)}</span>
        )}
      </span>
      <TimeAgo at={robot.createdAt} className="text-right text-small whitespace-nowrap text-faint" />
    </span>
  );
}
