import { CornerDownRight } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Question } from '@/shared/api/types';
import { TimeAgo } from '@/shared/ui/Time';

/** A question and what was said to it. */
export function SettledQuestion(props: { question: Question }) {
  const { t } = useTranslation();
  const { question, response, respondedBy, respondedAt } = props.question;
  const name = respondedBy ?? '';
  return (
    <div className="flex flex-col gap-1 rounded-card border border-line px-3 py-2 text-list">
      <p className="break-words whitespace-pre-wrap text-muted">{question}</p>
      <p className="flex items-start gap-2">
        <CornerDownRight aria-hidden className="mt-0.5 size-4 shrink-0 text-faint" />
        <span className="min-w-0 grow break-words whitespace-pre-wrap">
          {response ?? <span className="text-muted">{t('question.skipped', { name })}</span>}
        </span>
        {respondedAt && <TimeAgo at={respondedAt} className="shrink-0 text-small text-faint" />}
      </p>
    </div>
  );
}
