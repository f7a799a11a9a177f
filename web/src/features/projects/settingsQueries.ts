import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { Problem } from '@/shared/api/problem';
import type { Project, ProjectChanges } from '@/shared/api/types';
import { notify } from '@/shared/ui/notices';
import { useAction } from '@/shared/ui/useAction';
import { refusedSettings } from './refusals';
import { collisions, type SettingName, undoOf } from './settings';

/** What a project has cost, and how many tasks it has in each state. */
export function metricsQuery(project: string) {
  return queryOptions({
    queryKey: keys.projects.metrics(project),
    queryFn: ({ signal }) =>
      data(api.GET('/api/projects/{project}/metrics', { params: { path: { project } }, signal })),
  });
}

interface Save {
  /** The project as it was read when the person began. */
  read: Project;
  changes: ProjectChanges;
  /** What to tell; by default that it is saved. */
  said?: string;
}

interface Saved {
  project: Project;
  /** Settings that somebody else changed meanwhile: then nothing was saved. */
  collides: SettingName[];
}

/** Saves settings, unless somebody else changed the same ones meanwhile; what was saved can be undone. */
export function useSaveSettings() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const show = (project: Project) => {
    queries.setQueryData<Project[]>(keys.projects.list, (list) =>
      list?.map((each) => (each.id === project.id ? project : each)),
    );
    void queries.invalidateQueries({ queryKey: keys.projects.all });
  };
  const undo = useAction({
    act: ({ project, changes }: { project: Project; changes: ProjectChanges }) =>
      change(project, changes, project.version),
    after: show,
    said: ({ name }) => t('settings.undone', { name }),
  });
  return useAction({
    act: save,
    toldThere: (error, { changes }) =>
      refusedSettings(error, Object.keys(changes) as SettingName[], t) !== null,
    after: ({ project, collides }, { read, changes, said }) => {
      show(project);
      if (collides.length > 0) return;
      // Of a variable only the name is known: there is nothing to go back to.
      const back = changes.setEnvVars ? null : undoOf(read, changes);
      notify(
        'done',
        said ?? t('settings.saved', { name: project.name }),
        back ? { text: t('common.undo'), run: () => undo.mutate({ project, changes: back }) } : undefined,
      );
    },
  });
}

async function save({ read, changes }: Save): Promise<Saved> {
  try {
    return { project: await change(read, changes, read.version), collides: [] };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'version_conflict') throw error;
  }
  const params = { path: { project: read.id } };
  const now = await data(api.GET('/api/projects/{project}', { params }));
  const collides = changes.setEnvVars ? [] : collisions(read, now, changes);
  if (collides.length > 0) return { project: now, collides };
  return { project: await change(now, changes, now.version), collides: [] };
}

function change({ id }: Project, changes: ProjectChanges, version: number): Promise<Project> {
  const params = { path: { project: id } };
  return data(api.PATCH('/api/projects/{project}', { params, body: { ...changes, version } }));
}

/** Looks at where the code comes from, and fetches what is new there. */
export function useSyncProject() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: (project: Project) => {
      const params = { path: { project: project.id } };
      return data(api.POST('/api/projects/{project}/sync', { params, body: {} }));
    },
    after: () => void queries.invalidateQueries({ queryKey: keys.projects.all }),
    said: ({ fetched = 0 }) =>
      fetched > 0 ? t('settings.upstream.synced', { count: fetched }) : t('settings.upstream.inStep'),
  });
}

export function useDeleteProject(onDeleted: () => void) {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: (project: Project) => {
      const params = { path: { project: project.id } };
      return data(api.DELETE('/api/projects/{project}', { params }));
    },
    after: () => {
      onDeleted();
      void queries.invalidateQueries();
    },
    said: ({ name }) => t('settings.standing.wasDeleted', { name }),
  });
}
