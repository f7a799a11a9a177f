import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApprovedLane } from '@/features/groups/ApprovedLane';
import { groupCheckQuery, groupsQuery, useGroupActions } from '@/features/groups/queries';
import { Release } from '@/features/groups/Release';
import { EnvironmentCard } from '@/features/projects/EnvironmentCard';
import { environmentsQuery, projectsQuery } from '@/features/projects/queries';
import { tasksQuery } from '@/features/tasks/queries';
import type { Project } from '@/shared/api/types';
import { useLiveRooms } from '@/shared/live/context';
import { useMay } from '@/shared/session';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Page } from '@/shared/ui/Page';
import { Skeleton } from '@/shared/ui/Skeleton';
import { useAddress, useOpenTask } from './navigation';
import { NoProject } from './NoProject';

/** From approved to production: one project, or one after the other. */
export function ShipPage() {
  const { t } = useTranslation();
  const { project = null } = useAddress();
  const navigate = useNavigate();
  const projects = useQuery(projectsQuery);
  const shown = projects.data?.filter(({ key, status }) =>
    project ? key === project : status !== 'archived',
  );
  const content = () => {
    if (!shown) {
      if (projects.isError)
        return <LoadProblem error={projects.error} onRetry={() => void projects.refetch()} />;
      return <Skeleton className="h-64 rounded-card" />;
    }
    if (shown.length === 0)
      return <NoProject onCreated={(key) => void navigate({ to: '/ship', search: { project: key } })} />;
    return shown.map((each) => <ProjectShip key={each.id} project={each} titled={shown.length > 1} />);
  };
  return (
    <Page title={t('ship.title')}>
      <div className="flex min-h-0 grow flex-col gap-10 overflow-y-auto px-4 pb-8">{content()}</div>
    </Page>
  );
}

function ProjectShip({ project, titled }: { project: Project; titled: boolean }) {
  const { t } = useTranslation();
  const headId = useId();
  return (
    <section aria-labelledby={headId} className="flex max-w-[1180px] flex-col gap-5">
      <h2 id={headId} className={titled ? 'text-body font-semibold' : 'sr-only'}>
        {project.name}
      </h2>
      <Environments project={project.key} />
      <div className="grid items-start gap-x-6 gap-y-5 wide:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
        <section aria-label={t('ship.approved')} className="flex min-w-0 flex-col gap-2">
          <h3 className="text-list font-medium text-muted">{t('ship.approved')}</h3>
          <Approved project={project.key} />
        </section>
        <Releases project={project} />
      </div>
    </section>
  );
}

function Environments({ project }: { project: string }) {
  const environments = useQuery(environmentsQuery(project));
  if (!environments.data) {
    if (environments.isError)
      return <LoadProblem error={environments.error} onRetry={() => void environments.refetch()} />;
    return <Skeleton className="h-[92px] rounded-card" />;
  }
  const staging = environments.data.find(({ environment }) => environment === 'staging');
  const production = environments.data.find(({ environment }) => environment === 'production');
  return (
    <div className="grid gap-2 desk:grid-cols-[1fr_auto_1fr]">
      {staging && <EnvironmentCard environment={staging} />}
      <ArrowRight
        aria-hidden
        className="size-4 self-center justify-self-center text-faint max-desk:rotate-90"
      />
      {production && <EnvironmentCard environment={production} />}
    </div>
  );
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

function Releases({ project }: { project: Project }) {
  const { t } = useTranslation();
  const headId = useId();
  const groups = useQuery(groupsQuery(project.key));
  const actions = useGroupActions();
  const may = useMay();
  const open = useOpenTask();
  const robot = groups.data?.find((group) => group.underWay)?.robotId;
  useLiveRooms(robot ? `robot:${robot}` : '');

  const content = () => {
    if (!groups.data) {
      if (groups.isError) return <LoadProblem error={groups.error} onRetry={() => void groups.refetch()} />;
      return <Skeleton className="h-40 rounded-card" />;
    }
    if (groups.data.length === 0) return <p className="text-list text-faint">{t('empty.releases')}</p>;
    return (
      <div className="divide-y divide-line rounded-card border border-line bg-surface">
        {groups.data.map((group) => (
          <Release key={group.id} group={group} allowed={may('ship')} actions={actions} onOpenTask={open} />
        ))}
      </div>
    );
  };
  return (
    <section aria-labelledby={headId} className="flex min-w-0 flex-col gap-2">
      <h3 id={headId} className="text-list font-medium text-muted">
        {t('ship.releases')}
      </h3>
      {content()}
    </section>
  );
}
