import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { projectsQuery } from '@/features/projects/queries';
import { useTranslation } from '@/shared/i18n/translation';
import { buttonClass } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Page } from '@/shared/ui/Page';
import { Skeleton } from '@/shared/ui/Skeleton';
import { useAddress } from './navigation';
import { NoProject } from './NoProject';
import { ProjectShip } from './ProjectShip';

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
    if (project && shown.length === 0)
      return (
        <EmptyState icon={<Compass className="size-6" />} title={t('problem.notFound')}>
          <p className="mb-3">{t('problem.noProject', { project })}</p>
          <Link to="/ship" className={buttonClass('plain')}>
            {t('top.allProjects')}
          </Link>
        </EmptyState>
      );
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
