import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from '@/shared/i18n/translation';
import { executionsQuery } from '@/features/executions/queries';
import { Resources } from '@/features/executions/Resources';
import { TimeLine } from '@/features/executions/TimeLine';
import { robotQuery } from '@/features/robots/queries';
import { RobotDetails } from '@/features/robots/RobotDetails';
import { BackLink } from '@/pages/automation/BackLink';
import { Body } from '@/pages/automation/Body';
import { BatchLink } from '@/pages/automation/BatchLink';
import { ModuleLink } from '@/pages/automation/ModuleLink';
import { RobotActions } from '@/pages/automation/RobotActions';
import { HeldResultOf } from '@/pages/HeldResult';
import { useLiveRooms } from '@/shared/live/context';
import { Loaded } from '@/shared/ui/Loaded';
import { Section } from '@/shared/ui/Section';

/** One robot: how it goes, its tries, what went in and came out, and why this module has it. */
export function RobotPart() {
  const { t } = useTranslation();
  const { robot: robotId } = useParams({ from: '/signed-in/automation/robots/$robot' });
  useLiveRooms(`robot:${robotId}`);
  return (
    <Body>
      <BackLink to="/automation/robots" text={t('automation.robot.back')} />
      <Loaded found={useQuery(robotQuery(robotId))}>
        {(robot) => (
          <RobotDetails
            robot={robot}
            actions={<RobotActions robot={robot} />}
            moduleLink={(name) => <ModuleLink name={name} />}
            batchLink={(batch) => <BatchLink batch={batch} />}
          >
            {robot.review === 'waiting' && <HeldResultOf robotId={robotId} />}
            <Executions robotId={robotId} />
          </RobotDetails>
        )}
      </Loaded>
    </Body>
  );
}

function Executions({ robotId }: { robotId: string }) {
  const { t } = useTranslation();
  return (
    <Loaded found={useQuery(executionsQuery(robotId))} className="h-40 rounded-card">
      {(executions) => (
        <Section title={t('automation.robot.executions')}>
          {executions.length === 0 && (
            <p className="px-4 py-3 text-list text-faint">{t('automation.robot.none')}</p>
          )}
          {executions.map((execution) => (
            <TimeLine key={execution.executeId} execution={execution}>
              <Resources execution={execution} />
            </TimeLine>
          ))}
        </Section>
      )}
    </Loaded>
  );
}
