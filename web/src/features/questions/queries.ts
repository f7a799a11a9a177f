import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { putTask } from '@/shared/live/tasks';
import { useAction } from '@/shared/ui/useAction';

const MOST_QUESTIONS = 500;

/** The inbox: what agents wait to hear, in all projects, oldest first. */
export const questionsQuery = queryOptions({
  queryKey: keys.questions,
  queryFn: ({ signal }) =>
    data(api.GET('/api/questions', { params: { query: { limit: MOST_QUESTIONS } }, signal })),
});

/** An answer, or `null` for "go on without". */
export interface Reply {
  taskId: string;
  questionId: string;
  text: string | null;
}

export function useReply() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: ({ taskId, questionId, text }: Reply) =>
      data(
        api.POST('/api/tasks/{task}/respond', {
          params: { path: { task: taskId } },
          body: text === null ? { questionId, skip: true } : { questionId, response: text },
        }),
      ),
    after: (task) => {
      putTask(queries, task);
      void queries.invalidateQueries({ queryKey: keys.tasks.parts(task.id) });
      void queries.invalidateQueries({ queryKey: keys.questions });
    },
    said: (_, { text }) => (text === null ? t('done.skipped') : t('done.answered')),
  });
}
