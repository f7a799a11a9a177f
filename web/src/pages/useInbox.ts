import { useQuery } from '@tanstack/react-query';
import { questionsQuery } from '@/features/questions/queries';
import { tasksQuery } from '@/features/tasks/queries';
import type { Task } from '@/shared/api/types';

/** What waits for a person in one project (by key) or in all: questions, work to look at, tries that are spent. */
export function useInbox(project: string | null) {
  const questions = useQuery(questionsQuery);
  const tasks = useQuery(tasksQuery(project));
  const items = tasks.data?.items ?? [];
  const asked = (questions.data ?? []).filter(
    ({ taskKey }) => project === null || taskKey?.startsWith(`${project}-`),
  );
  const review = items.filter((task) => task.state === 'ready_to_test').sort(oldestFirst);
  const stuck = items.filter((task) => task.waitsForPerson).sort(oldestFirst);
  return {
    questions: asked,
    review,
    stuck,
    count: asked.length + review.length + stuck.length,
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
