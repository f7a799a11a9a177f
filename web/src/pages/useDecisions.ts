import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { useReply } from '@/features/questions/queries';
import { useOrders } from '@/features/tasks/commands';
import type { Question, Task } from '@/shared/api/types';
import { shortCommit } from '@/shared/format/numbers';
import { later } from '@/shared/later';
import { notify } from '@/shared/ui/notices';
import { setDecided } from './decided';

/** What people decide in the inbox. It leaves the list at once, and is sent when it can no longer be taken back. */
export function useDecisions() {
  const { t } = useTranslation();
  const { mutateAsync: order } = useOrders();
  const { mutateAsync: reply } = useReply();
  const [drafts, setDrafts] = useState<ReadonlyMap<string, string>>(new Map());

  const decide = useCallback(
    (id: string, said: string, act: () => Promise<unknown>) => {
      const bringBack = () => setDecided(id, false);
      setDecided(id, true);
      const takeBack = later(() => void act().catch(bringBack));
      notify('done', said, {
        text: t('common.undo'),
        run: () => {
          if (takeBack()) bringBack();
          else notify('failed', t('inbox.tooLate'));
        },
      });
    },
    [t],
  );
  return useMemo(() => {
    // A task may wait again later, in its next round; a question never does.
    const orderOf = (task: Task, command: 'approve' | 'retry') => async () => {
      await order({ tasks: [task], what: { command } });
      setDecided(task.id, false);
    };
    return {
      draftOf: (question: Question) => drafts.get(question.id) ?? '',
      approve: (task: Task) => {
        const said = t('inbox.willApprove', { key: task.key, commit: shortCommit(task.headCommit ?? '') });
        decide(task.id, said, orderOf(task, 'approve'));
      },
      retry: (task: Task) => decide(task.id, t('inbox.willRetry', { key: task.key }), orderOf(task, 'retry')),
      answer: (question: Question, text: string | null) => {
        const said =
          text === null ? t('inbox.willSkip') : t('inbox.willAnswer', { key: question.taskKey ?? '' });
        setDrafts((old) => new Map(old).set(question.id, text ?? ''));
        decide(question.id, said, () => reply({ taskId: question.taskId, questionId: question.id, text }));
      },
    };
  }, [drafts, decide, order, reply, t]);
}

export type Decisions = ReturnType<typeof useDecisions>;
