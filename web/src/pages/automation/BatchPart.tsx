import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { BatchProgress } from '@/features/batches/BatchProgress';
import { isUnderWay } from '@/features/batches/progress';
import { batchQuery, failedQuery, useBatchActions } from '@/features/batches/queries';
import { errorOf } from '@/features/robots/reasons';
import { RobotState } from '@/features/robots/RobotState';
import { BackLink } from '@/pages/automation/BackLink';
import { Body } from '@/pages/automation/Body';
import { useAddress } from '@/pages/navigation';
import type { Batch } from '@/shared/api/types';
import type { RobotFilters } from '@/shared/live/robots';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { Loaded } from '@/shared/ui/Loaded';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section } from '@/shared/ui/Section';
import { TimeAgo } from '@/shared/ui/Time';

/** One batch: how far it is, what failed and why, and its end. */
export function BatchPart() {
  const { t } = useTranslation();
  const { batch: correlationId } = useParams({ from: '/signed-in/automation/batches/$batch' });
  return (
    <Body>
      <BackLink to="/automation/batches" text={t('batches.back')} />
      <Loaded found={useQuery(batchQuery(correlationId))}>{(batch) => <Shown batch={batch} />}</Loaded>
    </Body>
  );
}

function Shown({ batch }: { batch: Batch }) {
  const { t } = useTranslation();
  const failed = batch.byStatus['FAILED'] ?? 0;
  return (
    <div className="flex flex-col gap-5">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="min-w-0 text-body font-semibold [overflow-wrap:anywhere]">
          {t('batches.name', { name: batch.correlationId })}
        </h2>
        <p className="flex grow flex-wrap gap-x-3 text-list text-muted">
          {batch.madeBy && <span>{t('batches.madeBy', { name: batch.madeBy })}</span>}
          {batch.madeAt && <TimeAgo at={batch.madeAt} />}
          {batch.cancelledAt && <span>{t('batches.cancelled')}</span>}
        </p>
        <Actions batch={batch} />
      </header>
      <BatchProgress
        batch={batch}
        state={(status) => <RobotState status={status} />}
        robotsLink={(status, text) => (
          <RobotsLink filters={{ batch: batch.correlationId, status }}>{text}</RobotsLink>
        )}
      />
      {failed > 0 && <Failures batch={batch} failed={failed} />}
      <p className="text-list">
        <RobotsLink filters={{ batch: batch.correlationId }}>{t('batches.all')}</RobotsLink>
      </p>
    </div>
  );
}

/** Failures by category, then the last of them with their reasons. */
function Failures({ batch, failed }: { batch: Batch; failed: number }) {
  const { t, i18n } = useTranslation();
  const { project } = useAddress();
  const robots = useQuery(failedQuery(batch.correlationId));
  const categories = Object.entries(batch.failures).sort(([, a], [, b]) => b - a);
  return (
    <Section title={t('batches.failures')}>
      <ul className="flex flex-wrap gap-x-6 gap-y-1 px-4 py-3 text-list">
        {categories.map(([category, count]) => (
          <li key={category}>
            <span className="font-medium tabular-nums">{count.toLocaleString(i18n.language)}</span>{' '}
            <span className="text-muted">
              {t(`batches.category.${category as 'TIMEOUT'}`, { defaultValue: t('batches.unknown') })}
            </span>
          </li>
        ))}
      </ul>
      {robots.data?.map((robot) => (
        <Link
          key={robot.robotId}
          to="/automation/robots/$robot"
          params={{ robot: robot.robotId }}
          search={project ? { project } : {}}
          className="grid items-baseline gap-x-4 px-4 py-2 text-list transition-colors hover:bg-hover focus-visible:-outline-offset-2 desk:grid-cols-[minmax(0,260px)_minmax(0,1fr)_60px]"
        >
          <span className="truncate">
            <span className="font-medium">{robot.robotType}</span>{' '}
            <span className="text-small text-faint">{robot.sourceReference ?? robot.robotId}</span>
          </span>
          <span className="min-w-0 break-words text-failed">{errorOf(robot, t)?.message}</span>
          <TimeAgo
            at={robot.completedAt ?? robot.updatedAt}
            className="text-right text-small text-faint max-desk:hidden"
          />
        </Link>
      ))}
      {robots.isError && <LoadProblem error={robots.error} onRetry={() => void robots.refetch()} />}
      {robots.data && failed > robots.data.length && (
        <p className="px-4 py-2.5 text-list">
          <RobotsLink filters={{ batch: batch.correlationId, status: 'FAILED' }}>
            {t('batches.allFailed', { count: failed })}
          </RobotsLink>
        </p>
      )}
    </Section>
  );
}

function Actions({ batch }: { batch: Batch }) {
  const { t } = useTranslation();
  const may = useMay();
  const { cancel, retry } = useBatchActions(batch.correlationId);
  const [asking, setAsking] = useState(false);
  if (!may('tasks') && !may('modules')) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {(batch.byStatus['FAILED'] ?? 0) > 0 && (
        <Button tone="primary" disabled={retry.isPending} onClick={() => retry.mutate(undefined)}>
          {t('batches.retry')}
        </Button>
      )}
      {isUnderWay(batch) && <Button onClick={() => setAsking(true)}>{t('batches.cancel')}</Button>}
      <Confirm
        open={asking}
        title={t('batches.askCancel', { name: batch.correlationId })}
        text={t('batches.askCancelText', { count: batch.total - batch.done })}
        action={t('batches.cancelDo')}
        keep={t('batches.keep')}
        busy={cancel.isPending}
        onConfirm={() => cancel.mutate(undefined, { onSettled: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}

function RobotsLink({ filters, children }: { filters: RobotFilters; children: ReactNode }) {
  const { project } = useAddress();
  return (
    <Link
      to="/automation/robots"
      search={{ ...filters, ...(project && { project }) }}
      className="text-link underline underline-offset-2"
    >
      {children}
    </Link>
  );
}
