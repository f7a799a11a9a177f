import { useQuery } from '@tanstack/react-query';
import { Pause, Play, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { executionsQuery } from '@/features/executions/queries';
import { useRobotActions } from '@/features/robots/queries';
import { standsStill } from '@/features/robots/reasons';
import type { Robot } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';

const ENDED: readonly string[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

/** What a person can do with a robot now. */
export function RobotActions({ robot }: { robot: Robot }) {
  const { t } = useTranslation();
  const may = useMay();
  const executions = useQuery(executionsQuery(robot.robotId));
  const { retry, cancel, pause, resume } = useRobotActions(robot.robotId);
  const [asking, setAsking] = useState(false);
  if (!may('tasks') && !may('modules')) return null;
  const ended = ENDED.includes(robot.status);
  // A held result has buttons of its own, and coding's own robots are led by their tasks.
  const free = !ended && robot.review !== 'waiting';
  const still = standsStill(robot, executions.data?.[0]);
  return (
    <div className="flex flex-wrap gap-2">
      {(robot.status === 'FAILED' || robot.status === 'RETRYING') && (
        <Button tone="primary" disabled={retry.isPending} onClick={() => retry.mutate(undefined)}>
          <RotateCcw aria-hidden className="size-4" />
          {t('automation.robot.retry')}
        </Button>
      )}
      {free && still && (
        <Button tone="primary" disabled={resume.isPending} onClick={() => resume.mutate(undefined)}>
          <Play aria-hidden className="size-4" />
          {t('automation.robot.resume')}
        </Button>
      )}
      {free && !still && !robot.held && (
        <Button disabled={pause.isPending} onClick={() => pause.mutate(undefined)}>
          <Pause aria-hidden className="size-4" />
          {t('automation.robot.pause')}
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
