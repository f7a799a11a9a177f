import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { executionsQuery } from '@/features/executions/queries';
import { TimeLine } from '@/features/executions/TimeLine';
import { robotQuery, useRobotActions } from '@/features/robots/queries';
import { RobotDetails } from '@/features/robots/RobotDetails';
import { HeldResultOf } from '@/pages/HeldResult';
import { useAddress } from '@/pages/navigation';
import type { Robot } from '@/shared/api/types';
import { useLiveRooms } from '@/shared/live/context';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section } from '@/shared/ui/Section';
import { Skeleton } from '@/shared/ui/Skeleton';

/** One robot: how it goes, its tries, what went in and came out, and why this module has it. */
export function RobotPart() {
  const { t } = useTranslation();
  const { robot: robotId } = useParams({ from: '/signed-in/automation/robots/$robot' });
  const { project } = useAddress();
  const robot = useQuery(robotQuery(robotId));
  useLiveRooms(`robot:${robotId}`);
  const content = () => {
    if (robot.data) {
      return (
        <RobotDetails robot={robot.data} actions={<Actions robot={robot.data} />}>
          {robot.data.review === 'waiting' && <HeldResultOf robotId={robotId} />}
          <Executions robotId={robotId} />
        </RobotDetails>
      );
    }
    if (robot.isError) return <LoadProblem error={robot.error} onRetry={() => void robot.refetch()} />;
    return <Skeleton className="h-72 rounded-card" />;
  };
  return (
    <div className="flex flex-col gap-5">
      <Link
        to="/automation/robots"
        search={project ? { project } : {}}
        className="inline-flex items-center gap-1.5 self-start text-list text-muted hover:text-ink"
      >
        <ArrowLeft aria-hidden className="size-4" />
        {t('automation.robot.back')}
      </Link>
      {content()}
    </div>
  );
}

function Executions({ robotId }: { robotId: string }) {
  const { t } = useTranslation();
  const executions = useQuery(executionsQuery(robotId));
  if (!executions.data) {
    if (executions.isError)
      return <LoadProblem error={executions.error} onRetry={() => void executions.refetch()} />;
    return <Skeleton className="h-40 rounded-card" />;
  }
  return (
    <Section title={t('automation.robot.executions')}>
      {executions.data.length === 0 && (
        <p className="px-4 py-3 text-list text-faint">{t('automation.robot.none')}</p>
      )}
      {executions.data.map((execution) => (
        <TimeLine key={execution.executeId} execution={execution} />
      ))}
    </Section>
  );
}

function Actions({ robot }: { robot: Robot }) {
  const { t } = useTranslation();
  const may = useMay();
  const { retry, cancel } = useRobotActions(robot.robotId);
  const [asking, setAsking] = useState(false);
  if (!may('tasks') && !may('modules')) return null;
  const ended = ['COMPLETED', 'FAILED', 'CANCELLED'].includes(robot.status);
  return (
    <div className="flex gap-2">
      {(robot.status === 'FAILED' || robot.status === 'RETRYING') && (
        <Button tone="primary" disabled={retry.isPending} onClick={() => retry.mutate(undefined)}>
          <RotateCcw aria-hidden className="size-4" />
          {t('automation.robot.retry')}
        </Button>
      )}
      {!ended && <Button onClick={() => setAsking(true)}>{t('automation.robot.cancel')}</Button>}
      <Confirm
        open={asking}
        title={t('automation.robot.askCancel')}
        text={t('automation.robot.askCancelText')}
        action={t('automation.robot.cancelDo')}
        keep={t('automation.robot.keep')}
        busy={cancel.isPending}
        onConfirm={() => cancel.mutate(undefined, { onSettled: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
