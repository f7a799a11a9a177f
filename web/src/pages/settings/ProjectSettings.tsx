import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleDollarSign, Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { refusedVariable } from '@/features/projects/refusals';
import { RepositoryRows } from '@/features/projects/RepositoryRows';
import type { SettingsGroup } from '@/features/projects/settings';
import { SettingsForm } from '@/features/projects/SettingsForm';
import {
  metricsQuery,
  useDeleteProject,
  useSaveSettings,
  useSyncProject,
} from '@/features/projects/settingsQueries';
import { Standing } from '@/features/projects/Standing';
import { Variables } from '@/features/projects/Variables';
import type { Project } from '@/shared/api/types';
import { cost } from '@/shared/format/numbers';
import { meQuery, useMay } from '@/shared/session';

/** Everything that can be set of one project; who may not change it sees it all the same. */
export function ProjectSettings({ project }: { project: Project }) {
  const { t } = useTranslation();
  const { data: me } = useQuery(meQuery);
  const allowed = useMay()('projects');
  const sync = useSyncProject();
  const group = (name: SettingsGroup, rows?: { before?: ReactNode; after?: ReactNode }) => (
    <GroupForm group={name} project={project} allowed={allowed} {...rows} />
  );
  return (
    <>
      <header>
        <h2 className="flex items-baseline gap-2 text-title font-semibold">
          <span className="min-w-0 break-words">{project.name}</span>
          <span className="text-list font-normal text-faint">{project.key}</span>
        </h2>
        {!allowed && me && (
          <p className="mt-2 flex items-start gap-2 text-list text-muted">
            <Lock aria-hidden className="mt-0.5 size-4 shrink-0" />
            {t('settings.readOnly', { scope: me.scope, who: t('settings.whoProjects') })}
          </p>
        )}
      </header>
      {group('general')}
      {group('repository', {
        before: (
          <RepositoryRows
            project={project}
            allowed={allowed}
            busy={sync.isPending}
            onSync={() => sync.mutate(project)}
          />
        ),
      })}
      {group('commands')}
      {project.giteaRepoUrl && group('checks')}
      {group('agents')}
      {group('limits', { after: <Spent project={project} /> })}
      {group('runtime')}
      <ProjectVariables project={project} allowed={allowed} />
      <ProjectStanding project={project} allowed={allowed} />
    </>
  );
}

interface PartProps {
  project: Project;
  allowed: boolean;
}

function GroupForm(props: PartProps & { group: SettingsGroup; before?: ReactNode; after?: ReactNode }) {
  const save = useSaveSettings();
  return (
    <SettingsForm
      {...props}
      busy={save.isPending}
      collides={save.data?.collides ?? []}
      refused={save.error}
      onDiscard={() => save.reset()}
      onSave={(read, changes, saved) =>
        save.mutate(
          { read, changes },
          { onSuccess: ({ collides }) => (collides.length === 0 ? saved() : undefined) },
        )
      }
    />
  );
}

/** What the limits above are measured against. */
function Spent({ project }: { project: Project }) {
  const { t, i18n } = useTranslation();
  const metrics = useQuery(metricsQuery(project.key));
  const dollars = (amount: number) => cost(amount, i18n.language);
  return (
    <div className="flex min-h-11 flex-col justify-center gap-1 px-4 py-2.5 text-list text-muted">
      {project.overspent && (
        <p className="flex items-start gap-2 font-medium text-input">
          <CircleDollarSign aria-hidden className="mt-0.5 size-4 shrink-0" />
          {t(`settings.overspent.${project.overspentUntil ? 'day' : 'project'}`)}
        </p>
      )}
      {metrics.data
        ? t('settings.spent', {
            today: dollars(metrics.data.costTodayUsd),
            all: dollars(metrics.data.costUsd),
          })
        : t('common.loading')}
    </div>
  );
}

function ProjectVariables({ project, allowed }: PartProps) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const set = (name: string, value: string | null, said: string, done: () => void) =>
    save.mutate({ read: project, changes: { setEnvVars: { [name]: value } }, said }, { onSuccess: done });
  return (
    <Variables
      names={project.envVars}
      allowed={allowed}
      busy={save.isPending}
      refused={refusedVariable(save.error, t)}
      onSet={(name, value, done) => set(name, value, t('settings.variable.wasSet', { name }), done)}
      onRemove={(name, done) => set(name, null, t('settings.variable.removed', { name }), done)}
    />
  );
}

function ProjectStanding({ project, allowed }: PartProps) {
  const navigate = useNavigate();
  const save = useSaveSettings();
  const remove = useDeleteProject(() => void navigate({ to: '/settings/projects', search: {} }));
  return (
    <Standing
      project={project}
      allowed={allowed}
      busy={save.isPending || remove.isPending}
      onMove={(status, said) => save.mutate({ read: project, changes: { status }, said })}
      onDelete={() => remove.mutate(project)}
    />
  );
}
