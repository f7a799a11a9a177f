import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { saying } from '@/shared/i18n/told';
import type { Robot } from '@/shared/api/types';
import { duration, exact } from '@/shared/format/time';
import { Quoting } from '@/shared/ui/Quoting';
import { Json } from '@/shared/ui/Json';
import { Section } from '@/shared/ui/Section';
import { TimeAgo } from '@/shared/ui/Time';
import { decisionOf, errorOf, standing, trailOf, triesOf } from './reasons';
import { RobotState } from './RobotState';
import { Trail } from './Trail';
import { WhyHere } from './WhyHere';

const CATEGORIES = ['VALIDATION', 'BUSINESS', 'TIMEOUT', 'EXTERNAL_API', 'RESOURCE', 'APPLICATION'] as const;

interface RobotDetailsProps {
  robot: Robot;
  actions: ReactNode;
  /** Lead to a module and to a batch. */
  moduleLink: (name: string) => ReactNode;
  batchLink: (batch: string) => ReactNode;
  /** Its tries. */
  children: ReactNode;
}

/** A robot in full: first how it goes and what went wrong, then the rest. */
export function RobotDetails({ robot, actions, moduleLink, batchLink, children }: RobotDetailsProps) {
  const { t } = useTranslation();
  const error = errorOf(robot, t);
  const category = CATEGORIES.find((each) => each === robot.errorCategory);
  const decision = decisionOf(robot);
  const trail = trailOf(robot);
  return (
    <>
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="min-w-0 text-body font-semibold break-words">{robot.robotType}</h2>
        <RobotState status={robot.status} standing={standing(robot)} className="text-list" />
        <code className="min-w-0 grow font-mono text-small text-faint [overflow-wrap:anywhere]">
          {robot.robotId}
        </code>
        {actions}
      </header>
      {robot.waiting && (
        <p className="text-list text-input">
          {t('automation.robot.waiting', { reason: saying(robot.waiting, robot.waitingTold, t) })}
        </p>
      )}
      {robot.deadline?.atRisk && <p className="text-list text-failed">{t('automation.robot.atRisk')}</p>}
      {error && (
        <Section title={t('automation.robot.error')}>
          <p className="px-4 py-3 text-body break-words text-failed">
            <Quoting text={error.message} />
            {category && (
              <span className="block text-list text-muted">{t(`batches.category.${category}`)}</span>
            )}
          </p>
          <details className="px-4 py-2.5 text-list">
            <summary className="text-muted">{t('automation.robot.trace')}</summary>
            <Json value={error.details} />
          </details>
        </Section>
      )}
      {children}
      <Section title={t('task.details')}>
        <dl className="grid gap-x-8 px-4 py-2 text-list wide:grid-cols-2">
          <Fact label={t('automation.module')}>
            <span>{moduleLink(robot.moduleName)}</span>
          </Fact>
          <Fact label={t('automation.robot.priority')}>{t(`automation.priority.${robot.priority}`)}</Fact>
          <Fact label={t('automation.robot.tries')}>
            {t('automation.robot.triesOf', { count: triesOf(robot), most: robot.retryLimit + 1 })}
          </Fact>
          {robot.correlationId && (
            <Fact label={t('automation.robot.batch')}>
              <span className="break-all">{batchLink(robot.correlationId)}</span>
            </Fact>
          )}
          <Fact label={t('automation.robot.created')}>
            <TimeAgo at={robot.createdAt} />
          </Fact>
          {robot.processingTimeMs !== null && (
            <Fact label={t('automation.robot.took')}>{duration(robot.processingTimeMs)}</Fact>
          )}
          {robot.sourceReference && (
            <Fact label={t('automation.robot.reference')}>
              <span className="[overflow-wrap:anywhere]">{robot.sourceReference}</span>
            </Fact>
          )}
          {robot.estimatedDurationMinutes !== null && (
            <Fact label={t('automation.robot.estimate')}>
              {duration(robot.estimatedDurationMinutes * 60_000)}
            </Fact>
          )}
          {robot.deferUntil && (
            <Fact label={t('automation.robot.notBefore')}>
              <Moment at={robot.deferUntil} />
            </Fact>
          )}
          {robot.dueDate && (
            <Fact label={t('automation.robot.due')}>
              <Moment at={robot.dueDate} />
            </Fact>
          )}
          {robot.deadline?.forecastAt && (
            <Fact label={t('automation.robot.forecast')}>
              <Moment at={robot.deadline.forecastAt} />
              {robot.deadline.why && (
                <span className="block text-small text-faint">
                  {saying(robot.deadline.why, robot.deadline.whyTold, t)}
                </span>
              )}
            </Fact>
          )}
          {robot.cacheHit && (
            <Fact label={t('automation.robot.cache')}>
              <code className="font-mono text-small break-all">{robot.cacheSourceRobotId}</code>
            </Fact>
          )}
        </dl>
      </Section>
      {trail.length > 0 && <Trail lines={trail} />}
      {decision && <WhyHere decision={decision} moduleLink={moduleLink} />}
      <div className="grid gap-5 wide:grid-cols-2">
        <Section
          title={t('automation.robot.input')}
          {...(robot.securityClassification === 'SENSITIVE' && { text: t('automation.robot.sensitive') })}
        >
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

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(0,150px)_minmax(0,1fr)] gap-x-4 py-1.5">
      <dt className="text-muted">{label}</dt>
      <dd className="[overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}

/** A moment that may lie ahead. */
function Moment({ at }: { at: string }) {
  const { i18n } = useTranslation();
  return <time dateTime={at}>{exact(new Date(at), i18n.language)}</time>;
}
