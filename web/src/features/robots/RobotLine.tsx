import { useTranslation } from 'react-i18next';
import type { Robot } from '@/shared/api/types';
import { duration } from '@/shared/format/time';
import { TimeAgo } from '@/shared/ui/Time';
import { errorOf } from './reasons';
import { RobotState } from './RobotState';

/** A robot in a list: how it goes, what it is, who has it, and why it waits or failed. */
export function RobotLine({ robot }: { robot: Robot }) {
  const { t } = useTranslation();
  const unfinished = robot.status === 'PENDING' || robot.status === 'RETRYING';
  const remark = robot.waiting && unfinished ? robot.waiting : errorOf(robot)?.message;
  return (
    <span className="grid items-baseline gap-x-4 gap-y-0.5 px-4 py-2 text-list max-desk:grid-cols-[minmax(0,1fr)_auto] desk:grid-cols-[150px_minmax(0,1fr)_minmax(0,160px)_80px_72px]">
      <RobotState status={robot.status} />
      <span className="min-w-0 max-desk:col-span-2 max-desk:row-start-2">
        <span className="font-medium break-words">{robot.robotType}</span>{' '}
        <code className="font-mono text-small text-faint [overflow-wrap:anywhere]">{robot.robotId}</code>
        {remark && <span className="block truncate text-small text-muted">{remark}</span>}
      </span>
      <span className="truncate text-muted max-desk:hidden">{robot.moduleName}</span>
      <span className="text-right text-small whitespace-nowrap text-faint max-desk:hidden">
        {robot.processingTimeMs !== null && (
          <span title={t('automation.robot.took')}>{duration(robot.processingTimeMs)}</span>
        )}
      </span>
      <TimeAgo at={robot.createdAt} className="text-right text-small whitespace-nowrap text-faint" />
    </span>
  );
}
