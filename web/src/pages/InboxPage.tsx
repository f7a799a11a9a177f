import { Inbox } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { UpstreamTroubles } from '@/features/projects/UpstreamTroubles';
import { PendingQuestion } from '@/features/questions/PendingQuestion';
import { useReply } from '@/features/questions/queries';
import { TaskLines } from '@/features/tasks/TaskLines';
import { useMay } from '@/shared/session';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Page } from '@/shared/ui/Page';
import { Skeleton } from '@/shared/ui/Skeleton';
import { useAddress, useOpenTask } from './navigation';
import { useInbox } from './useInbox';

/** Everything that waits for a person, oldest first; questions are answered in place. */
export function InboxPage() {
  const { t } = useTranslation();
  const { project = null } = useAddress();
  const inbox = useInbox(project);
  const open = useOpenTask();
  const may = useMay();
  const reply = useReply();

  const content = () => {
    if (inbox.error) return <LoadProblem error={inbox.error} onRetry={inbox.retry} />;
    if (!inbox.ready) return <InboxSkeleton />;
    if (inbox.count === 0) {
      return (
        <EmptyState icon={<Inbox className="size-6" />} title={t('empty.inbox')}>
          {t('empty.inboxText')}
        </EmptyState>
      );
    }
    return (
      <div className="flex flex-col gap-8">
        {inbox.questions.length > 0 && (
          <section
            aria-label={t('inbox.questions', { count: inbox.questions.length })}
            className="flex flex-col gap-5"
          >
            {inbox.questions.map((question) => (
              <article key={question.id} className="flex flex-col gap-1.5">
                <button
                  type="button"
                  onClick={() => question.taskKey && open(question.taskKey)}
                  className="flex items-baseline gap-2 self-start text-left text-list underline-offset-2 hover:underline"
                >
                  <span className="shrink-0 text-link">{question.taskKey}</span>
                  <span className="min-w-0 break-words text-muted">{question.taskTitle}</span>
                </button>
                <PendingQuestion
                  question={question}
                  busy={reply.isPending}
                  allowed={may('tasks')}
                  onReply={(text) => reply.mutate({ taskId: question.taskId, questionId: question.id, text })}
                />
              </article>
            ))}
          </section>
        )}
        {inbox.upstream.length > 0 && <UpstreamTroubles projects={inbox.upstream} />}
        {inbox.review.length > 0 && (
          <TaskLines title={t('inbox.review')} state="ready_to_test" tasks={inbox.review} onOpen={open} />
        )}
        {inbox.stuck.length > 0 && (
          <TaskLines title={t('inbox.failed')} state="backlog" tasks={inbox.stuck} onOpen={open} />
        )}
      </div>
    );
  };
  return (
    <Page title={t('inbox.title')}>
      <div className="min-h-0 grow overflow-y-auto px-4 pb-8">
        <div className="max-w-[760px]">{content()}</div>
      </div>
    </Page>
  );
}

function InboxSkeleton() {
  return (
    <div className="flex flex-col gap-5">
      <Skeleton className="h-48 rounded-card" />
      <Skeleton className="h-48 rounded-card" />
    </div>
  );
}
