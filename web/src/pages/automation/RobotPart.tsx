import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { executionsQuery } from '@/features/executions/queries';
import { Resources } from '@/features/executions/Resources';
import { TimeLine } from '@/features/executions/TimeLine';
import { robotQuery } from '@/features/robots/queries';
import { RobotDetails } from '@/features/robots/RobotDetails';
import { Body } from '@/pages/automation/Body';
import { BatchLink } from '@/pages/automation/BatchLink';
import { ModuleLink } from '@/pages/automation/ModuleLink';
import { RobotActions } from '@/pages/automation/RobotActions';
import { HeldResultOf } from '@/pages/HeldResult';
import { useAddress } from '@/pages/navigation';
import { useLiveRooms } from '@/shared/live/context';
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
        <RobotDetails
          robot={robot.data}
          actions={<RobotActions robot={robot.data} />}
          moduleLink={(name) => <ModuleLink name={name} />}
          batchLink={(batch) => <BatchLink batch={batch} />}
        >
          {robot.data.review === 'waiting' && <HeldResultOf robotId={robotId} />}
          <Executions robotId={robotId} />
        </RobotDetails>
      );
    }
    if (robot.isError) return <LoadProblem error={robot.error} onRetry={() => void robot.refetch()} />;
    return <Skeleton className="h-72 rounded-card" />;
  };
  return (
    <Body>
      <Link
        to="/automation/robots"
        search={project ? { project } : {}}
        className="inline-flex items-center gap-1.5 self-start text-list text-muted hover:text-ink"
      >
        <ArrowLeft aria-hidden className="size-4" />
        {t('automation.robot.back')}
      </Link>
      {content()}
    </Body>
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
        <TimeLine key={execution.executeId} execution={execution}>
          <Resources execution={execution} />
        </TimeLine>
      ))}
    </Section>
  );
}
