import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { ArrowRight } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { ApprovedLane } from '@/features/groups/ApprovedLane';
import { releaseBefore, releaseLanes } from '@/features/groups/lanes';
import {
  groupCheckQuery,
  groupsQuery,
  outputQuery,
  rolloutLogQuery,
  useGroupActions,
} from '@/features/groups/queries';
import { Release } from '@/features/groups/Release';
import { RolloutLog } from '@/features/groups/RolloutLog';
import { EnvironmentCard } from '@/features/projects/EnvironmentCard';
import { environmentsQuery } from '@/features/projects/queries';
import { tasksQuery } from '@/features/tasks/queries';
import type { Group, Project } from '@/shared/api/types';
import { useTranslation } from '@/shared/i18n/translation';
import { useLiveRooms } from '@/shared/live/context';
import { useMay } from '@/shared/session';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Skeleton } from '@/shared/ui/Skeleton';
import { STATE_LOOKS } from '@/shared/ui/states';
import { useAddress, useOpenTask } from './navigation';

/** A project's three lanes, what was approved, staging and production, and below them what was there before. */
export function ProjectShip({ project, titled }: { project: Project; titled: boolean }) {
  const { t } = useTranslation();
  const headId = useId();
  const groups = useQuery(groupsQuery(project.key));
  const robot = groups.data?.find((group) => group.underWay)?.robotId;
  useLiveRooms(robot ? `robot:${robot}` : '');
  const lanes = groups.data && releaseLanes(groups.data);
  return (
    <section aria-labelledby={headId} className="flex max-w-[1480px] flex-col gap-5">
      <h2 id={headId} className={titled ? 'text-body font-semibold' : 'sr-only'}>
        {project.name}
      </h2>
      {groups.isError && !groups.data && (
        <LoadProblem error={groups.error} onRetry={() => void groups.refetch()} />
      )}
      <div className="grid items-start gap-x-4 gap-y-6 wide:grid-cols-3">
        <Lane state="approved" title={t('ship.approved')}>
          <Approved project={project.key} />
        </Lane>
        <Lane state="staging" title={t('ship.staging')}>
          <Environment project={project.key} name="staging" />
          <Releases groups={lanes?.staging} all={groups.data} />
        </Lane>
        <Lane state="production" title={t('ship.production')}>
          <Environment project={project.key} name="production" />
          <Releases groups={lanes?.production} all={groups.data} />
        </Lane>
      </div>
      {lanes && lanes.past.length > 0 && (
        <section aria-label={t('ship.past')} className="flex flex-col gap-2">
          <h3 className="text-list font-medium text-muted">{t('ship.past')}</h3>
          <Releases groups={lanes.past} all={groups.data} />
        </section>
      )}
    </section>
  );
}

function Lane(props: { state: 'approved' | 'staging' | 'production'; title: string; children: ReactNode }) {
  const { icon: Icon, color } = STATE_LOOKS[props.state];
  return (
    <section aria-label={props.title} className="flex min-w-0 flex-col gap-2">
      <h3 className={clsx('flex items-center gap-1.5 text-list font-medium', color)}>
        {props.state !== 'approved' && (
          <ArrowRight aria-hidden className="size-4 text-faint max-wide:rotate-90" />
        )}
        <Icon aria-hidden className="size-4" />
        {props.title}
      </h3>
      {props.children}
    </section>
  );
}

function Environment(props: { project: string; name: 'staging' | 'production' }) {
  const environments = useQuery(environmentsQuery(props.project));
  if (!environments.data) {
    if (environments.isError)
      return <LoadProblem error={environments.error} onRetry={() => void environments.refetch()} />;
    return <Skeleton className="h-[74px] rounded-card" />;
  }
  const found = environments.data.find(({ environment }) => environment === props.name);
  return found && <EnvironmentCard environment={found} />;
}

function Approved({ project }: { project: string }) {
  const { pick } = useAddress();
  const tasks = useQuery(tasksQuery(project));
  const { ship } = useGroupActions();
  const [ticked, setTicked] = useState<readonly string[]>(pick ? [pick] : []);
  const check = useQuery(groupCheckQuery(ticked));
  const may = useMay();
  const open = useOpenTask();
  if (!tasks.data) {
    if (tasks.isError) return <LoadProblem error={tasks.error} onRetry={() => void tasks.refetch()} />;
    return <Skeleton className="h-24 rounded-card" />;
  }
  const waiting = tasks.data.items.filter((task) => task.state === 'approved' && !task.groupId);
  return (
    <ApprovedLane
      key={pick}
      tasks={waiting}
      preselected={pick ? [pick] : []}
      check={check.data ?? null}
      onTick={setTicked}
      allowed={may('ship')}
      busy={ship.isPending}
      onShip={(taskIds) => ship.mutate(taskIds)}
      onOpenTask={open}
    />
  );
}

function Releases(props: { groups: readonly Group[] | undefined; all: readonly Group[] | undefined }) {
  const actions = useGroupActions();
  const may = useMay();
  const open = useOpenTask();
  const { groups, all = [] } = props;
  if (!groups || groups.length === 0) return null;
  return (
    <div className="divide-y divide-line rounded-card border border-line bg-surface">
      {groups.map((group) => (
        <Release
          key={group.id}
          group={group}
          before={releaseBefore(group, all)}
          allowed={may('ship')}
          actions={actions}
          onOpenTask={open}
          log={<Log group={group} />}
        />
      ))}
    </div>
  );
}

function Log({ group }: { group: Group }) {
  const live = group.underWay !== null;
  const output = useQuery(outputQuery(group));
  const log = useQuery(rolloutLogQuery(group)).data;
  // Of the one before, nothing is shown while another goes on.
  const text = live ? [log?.goesOn && log.text, output.data].filter(Boolean).join('\n') : log?.text;
  return text ? <RolloutLog text={text} live={live} /> : null;
}
