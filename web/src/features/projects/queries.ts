import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { NewProject, Project } from '@/shared/api/types';
import { useTranslation } from '@/shared/i18n/translation';
import { useAction } from '@/shared/ui/useAction';
import { refusedProject } from './refusals';

const MOST_PROJECTS = 500;

/** Projects by name; archived ones last. */
export const projectsQuery = queryOptions({
  queryKey: keys.projects.list,
  queryFn: async ({ signal }) => {
    const params = { query: { limit: MOST_PROJECTS } };
    const projects = await data(api.GET('/api/projects', { params, signal }));
    const archived = (project: Project) => Number(project.status === 'archived');
    return projects.sort((a, b) => archived(a) - archived(b) || a.name.localeCompare(b.name));
  },
});

/** What runs in staging and production of one project. */
export function environmentsQuery(project: string) {
  return queryOptions({
    queryKey: keys.projects.environments(project),
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/projects/{project}/environments', {
          params: { path: { project } },
          signal,
        }),
      ),
  });
}

export function useCreateProject() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    toldThere: (error) => refusedProject(error, t) !== null,
    act: (body: NewProject) => data(api.POST('/api/projects', { body })),
    after: () => void queries.invalidateQueries({ queryKey: keys.projects.all }),
  });
}
