import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from '@/shared/i18n/translation';
import { ProjectLine } from '@/features/projects/ProjectLine';
import { projectsQuery } from '@/features/projects/queries';
import { useAddress } from '@/pages/navigation';
import { NoProject } from '@/pages/NoProject';
import type { Project } from '@/shared/api/types';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section } from '@/shared/ui/Section';
import { Skeleton } from '@/shared/ui/Skeleton';
import { ProjectSettings } from './ProjectSettings';

/** The settings of the project that is chosen above, or the projects to choose from. */
export function ProjectsPart() {
  const { project: chosen } = useAddress();
  const projects = useQuery(projectsQuery);
  if (!projects.data) {
    if (projects.isError)
      return <LoadProblem error={projects.error} onRetry={() => void projects.refetch()} />;
    return <Skeleton className="h-72 rounded-card" />;
  }
  const project = projects.data.find(({ key }) => key === chosen);
  if (project) return <ProjectSettings key={project.id} project={project} />;
  return <ProjectList projects={projects.data} />;
}

function ProjectList({ projects }: { projects: readonly Project[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  if (projects.length === 0) {
    return (
      <NoProject onCreated={(key) => void navigate({ to: '/settings/projects', search: { project: key } })} />
    );
  }
  return (
    <Section title={t('settings.part.projects')} text={t('settings.choose')}>
      {projects.map((project) => (
        <Link
          key={project.id}
          to="/settings/projects"
          search={{ project: project.key }}
          className="flex min-h-[52px] items-center gap-3 px-4 py-2 text-list transition-colors first:rounded-t-card last:rounded-b-card hover:bg-hover"
        >
          <ProjectLine project={project} />
        </Link>
      ))}
    </Section>
  );
}
