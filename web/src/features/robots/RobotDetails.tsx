import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Robot } from '@/shared/api/types';
import { duration } from '@/shared/format/time';
import { Section, SectionRow } from '@/shared/ui/Section';
import { TimeAgo } from '@/shared/ui/Time';
import { decisionOf, errorOf } from './reasons';
import { RobotState } from './RobotState';
import { WhyHere } from './WhyHere';

interface RobotDetailsProps {
  robot: Robot;
  actions: ReactNode;
  /** Its tries. */
  children: ReactNode;
}

/** A robot in full: first how it goes and what went wrong, then the rest. */
export function RobotDetails({ robot, actions, children }: RobotDetailsProps) {
  const { t } = useTranslation();
  const error = errorOf(robot);
  const decision = decisionOf(robot);
  return (
    <>
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="min-w-0 text-body font-semibold break-words">{robot.robotType}</h2>
        <RobotState status={robot.status} className="text-list" />
        <code className="min-w-0 grow font-mono text-small text-faint [overflow-wrap:anywhere]">
          {robot.robotId}
        </code>
        {actions}
      </header>
      {robot.waiting && (
        <p className="text-list text-input">{t('automation.robot.waiting', { reason: robot.waiting })}</p>
      )}
      {error && (
        <Section title={t('automation.robot.error')}>
          <p className="px-4 py-3 text-body break-words text-failed">{error.message}</p>
          <details className="px-4 py-2.5 text-list">
            <summary className="text-muted">{t('automation.robot.trace')}</summary>
            <Json value={error.details} />
          </details>
        </Section>
      )}
      {children}
      <Section title={t('task.details')}>
        <SectionRow label={t('automation.module')}>{robot.moduleName}</SectionRow>
        <SectionRow label={t('automation.robot.priority')}>
          {t(`automation.priority.${robot.priority}`)}
        </SectionRow>
        <SectionRow label={t('automation.robot.tries')}>
          {t('automation.robot.triesOf', { count: robot.retryCount, most: robot.retryLimit })}
        </SectionRow>
        {robot.correlationId && (
          <SectionRow label={t('automation.robot.batch')}>
            <code className="font-mono text-small break-all">{robot.correlationId}</code>
          </SectionRow>
        )}
        <SectionRow label={t('automation.robot.created')}>
          <TimeAgo at={robot.createdAt} />
        </SectionRow>
        {robot.processingTimeMs !== null && (
          <SectionRow label={t('automation.robot.took')}>{duration(robot.processingTimeMs)}</SectionRow>
        )}
        {robot.dueDate && (
          <SectionRow label={t('automation.robot.due')}>
            <TimeAgo at={robot.dueDate} />
          </SectionRow>
        )}
      </Section>
      {decision && <WhyHere decision={decision} />}
      <div className="grid gap-5 wide:grid-cols-2">
        <Section title={t('automation.robot.input')}>
          <Json value={robot.inputData} />
        </Section>
        <Section title={t('automation.robot.output')}>
          {robot.outputData ? (
            <Json value={robot.outputData} />
          ) : (
            <p className="px-4 py-3 text-list text-faint">{t('automation.robot.nothing')}</p>
          )}
        </Section>
      </div>
    </>
  );
}

function Json({ value }: { value: unknown }) {
  return (
    <pre className="px-4 py-3 font-mono text-small [overflow-wrap:anywhere] whitespace-pre-wrap">
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
