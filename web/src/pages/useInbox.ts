import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { failedGroupsQuery } from '@/features/groups/queries';
import { unwellModulesQuery } from '@/features/modules/queries';
import { projectsQuery } from '@/features/projects/queries';
import { isUpstreamTroubled } from '@/features/projects/upstream';
import { questionsQuery } from '@/features/questions/queries';
import { reviewsQuery } from '@/features/reviews/queries';
import { lateQuery } from '@/features/robots/queries';
import { tasksQuery } from '@/features/tasks/queries';
import type { Group, Module, Project, Question, Review, Robot, Task } from '@/shared/api/types';
import type { TaskList } from '@/shared/live/tasks';
import { sameOr } from '@/shared/same';
import { useDecided } from './decided';

/** One thing that waits for a person, since when, and what it is about. */
export type InboxItem = { id: string; at: string; about: string; title: string } & (
  | { kind: 'question'; question: Question }
  | { kind: 'review' | 'failed'; task: Task }
  | { kind: 'rollout'; group: Group }
  | { kind: 'upstream'; project: Project }
  | { kind: 'module'; module: Module }
  | { kind: 'result'; review: Review }
  | { kind: 'late'; robots: readonly Robot[] }
);

/** What waits for a person in one project (by key) or in all, oldest first. */
export function useInbox(project: string | null) {
  const questions = useQuery(questionsQuery);
  const [select] = useState(makeSelect);
  const tasks = useQuery({ ...tasksQuery(project), select });
  const projects = useQuery(projectsQuery);
  const groups = useQuery(failedGroupsQuery);
  const modules = useQuery(unwellModulesQuery);
  const reviews = useQuery(reviewsQuery);
  const late = useQuery(lateQuery);
  const decided = useDecided();
  const known = useMemo(
    () => ({
      questions: questions.data ?? [],
      tasks: tasks.data ?? [],
      groups: groups.data ?? [],
      projects: projects.data ?? [],
      modules: modules.data ?? [],
      reviews: reviews.data ?? [],
      late: late.data ?? [],
    }),
    [questions.data, tasks.data, groups.data, projects.data, modules.data, reviews.data, late.data],
  );
  const items = useMemo(
    () => itemsOf(project, known).filter(({ id }) => !decided.has(id)),
    [project, known, decided],
  );
  return {
    items,
    count: items.length,
    ready: questions.data !== undefined && tasks.data !== undefined,
    error: (questions.data ? null : questions.error) ?? (tasks.data ? null : tasks.error),
    retry: () => {
      void questions.refetch();
      void tasks.refetch();
    },
  };
}

// What waits for nobody is the most of a board, and changes all the time.
function makeSelect(): (list: TaskList) => readonly Task[] {
  let last: readonly Task[] = [];
  return ({ items }) =>
    (last = sameOr(
      last,
      items.filter((task) => task.state === 'ready_to_test' || task.waitsForPerson),
    ));
}

interface Known {
  questions: readonly Question[];
  tasks: readonly Task[];
  groups: readonly Group[];
  projects: readonly Project[];
  modules: readonly Module[];
  reviews: readonly Review[];
  late: readonly Robot[];
}

function itemsOf(
  project: string | null,
  { questions, tasks, groups, projects, modules, reviews, late }: Known,
): InboxItem[] {
  const mine = (key: string | null | undefined) => project === null || key === project;
  const items: InboxItem[] = [
    ...questions
      .filter(({ taskKey }) => project === null || taskKey?.startsWith(`${project}-`))
      .map((question) => ({
        kind: 'question' as const,
        id: question.id,
        at: question.askedAt,
        about: question.taskKey ?? '',
        title: question.question,
        question,
      })),
    ...tasks.map((task) => ({
      kind: task.state === 'ready_to_test' ? ('review' as const) : ('failed' as const),
      id: task.id,
      at: task.updatedAt,
      about: task.key,
      title: task.title,
      task,
    })),
    ...groups
      .filter(({ projectKey }) => mine(projectKey))
      .map((group) => ({
        kind: 'rollout' as const,
        id: group.id,
        at: group.updatedAt,
        about: group.projectKey,
        title: group.tasks.map(({ key }) => key).join(', '),
        group,
      })),
    ...projects
      .filter((one) => mine(one.key) && isUpstreamTroubled(one))
      .map((one) => ({
        kind: 'upstream' as const,
        id: one.id,
        at: one.updatedAt,
        about: one.key,
        title: one.name,
        project: one,
      })),
    // Modules and their robots belong to no project.
    ...modules.map((module) => ({
      kind: 'module' as const,
      id: module.moduleId,
      at: module.lastHealthCheck ?? module.updatedAt,
      about: module.moduleName,
      title: module.moduleName,
      module,
    })),
    ...reviews.map((review) => ({
      kind: 'result' as const,
      id: review.robotId,
      at: review.askedAt,
      about: review.robotId,
      title: review.why,
      review,
    })),
    ...byModule(late).map(([name, robots]) => ({
      kind: 'late' as const,
      id: `late ${name}`,
      at: robots.map(({ createdAt }) => createdAt).sort()[0] ?? '',
      about: name,
      title: robots.map((robot) => robot.sourceReference ?? robot.robotId).join(', '),
      robots,
    })),
  ];
  return items.sort((a, b) => (a.at < b.at ? -1 : 1));
}

function byModule(robots: readonly Robot[]): [string, Robot[]][] {
  const names = [...new Set(robots.map(({ moduleName }) => moduleName))];
  return names.map((name) => [name, robots.filter(({ moduleName }) => moduleName === name)]);
}
