import { useQuery } from '@tanstack/react-query';
import { Navigate, useParams } from '@tanstack/react-router';
import { groupsQuery } from '@/features/groups/queries';
import { tasksQuery } from '@/features/tasks/queries';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { NotFoundPage } from './NotFoundPage';

/** A pull request of the local forge has no page of its own: its task's changes, or its release, are shown instead. */
export function PullRequestPage() {
  const params = useParams({ from: '/signed-in/projects/$project/pulls/$number' });
  const project = params.project.toUpperCase();
  const number = Number(params.number);
  const tasks = useQuery(tasksQuery(project));
  const groups = useQuery(groupsQuery(project));

  const task = tasks.data?.items.find((each) => each.prNumber === number);
  if (task) return <Navigate to="/board" search={{ project, task: task.key, tab: 'changes' }} replace />;
  if (groups.data?.some((group) => group.stagingPrNumber === number)) {
    return <Navigate to="/ship" search={{ project }} replace />;
  }
  const failed = [tasks, groups].find((query) => query.isError);
  if (failed) return <LoadProblem error={failed.error} onRetry={() => void failed.refetch()} />;
  return tasks.data && groups.data ? <NotFoundPage /> : null;
}
