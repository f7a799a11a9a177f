import { useQuery } from '@tanstack/react-query';
import { projectsQuery } from '@/features/projects/queries';
import { isUpstreamTroubled } from '@/features/projects/upstream';
import { questionsQuery } from '@/features/questions/queries';
import { tasksQuery } from '@/features/tasks/queries';
import type { Task } from '@/shared/api/types';

/** What waits for a person in one project (by key) or in all: questions, work to look at, tries that are spent. */
export function useInbox(project: string | null) {
  const questions = useQuery(questionsQuery);
  const tasks = useQuery(tasksQuery(project));
  const projects = useQuery(projectsQuery);
  const items = tasks.data?.items ?? [];
  const asked = (questions.data ?? []).filter(
    ({ taskKey }) => project === null || taskKey?.startsWith(`${project}-`),
  );
  const review = items.filter((task) => task.state === 'ready_to_test').sort(oldestFirst);
  const stuck = items.filter((task) => task.waitsForPerson).sort(oldestFirst);
  const upstream = (projects.data ?? []).filter(
    (one) => (project === null || one.key === project) && isUpstreamTroubled(one),
  );
  return {
    questions: asked,
    upstream,
    review,
    stuck,
    count: asked.length + upstream.length + review.length + stuck.length,
    ready: questions.data !== undefined && tasks.data !== undefined,
    error: (questions.data ? null : questions.error) ?? (tasks.data ? null : tasks.error),
    retry: () => {
      void questions.refetch();
      void tasks.refetch();
    },
  };
}

function oldestFirst(a: Task, b: Task): number {
  return a.updatedAt < b.updatedAt ? -1 : 1;
}
