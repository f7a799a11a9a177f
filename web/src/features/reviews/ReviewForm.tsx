import { Eye } from 'lucide-react';
import { type SubmitEvent, useId, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Judge, Review } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { TextArea } from '@/shared/ui/Field';
import { TimeAgo } from '@/shared/ui/Time';
import { accepting, isMasked, reasonOf, shown } from './judgement';

interface ReviewFormProps {
  review: Review;
  allowed: boolean;
  busy: boolean;
  onJudge: (said: Judge) => void;
}

/** A result that was held: why, what it is, and what becomes of it. */
export function ReviewForm({ review, allowed, busy, onJudge }: ReviewFormProps) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const [result, setResult] = useState(shown(review.outputData));
  const [comment, setComment] = useState('');
  const [unreadable, setUnreadable] = useState(false);
  const changed = result !== shown(review.outputData);
  const accept = (event: SubmitEvent) => {
    event.preventDefault();
    const judgement = accepting(review.outputData, result, comment);
    setUnreadable('unreadable' in judgement);
    if ('said' in judgement) onJudge(judgement.said);
  };
  const say = (decision: 'refuse' | 'retry') =>
    onJudge({ decision, ...(comment.trim() && { comment: comment.trim() }) });
  const masked = isMasked(review.outputData);
  return (
    <form
      onSubmit={accept}
      aria-labelledby={`${id}-head`}
      className="flex flex-col gap-4 rounded-card border border-ready/45 bg-surface p-4"
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 text-small">
        <span id={`${id}-head`} className="inline-flex items-center gap-1.5 text-ready">
          <Eye aria-hidden className="size-4" />
          {t('reviews.waits')}
        </span>
        <TimeAgo at={review.askedAt} className="ml-auto text-faint" />
      </header>
      <p className="text-body font-medium break-words">{reasonOf(review, t, i18n.language)}</p>
      <TextArea
        label={t('reviews.result')}
        hint={t(masked ? 'reviews.masked' : 'reviews.resultHint')}
        error={unreadable ? t('schedules.badInput') : undefined}
        readOnly={!allowed || masked}
        spellCheck={false}
        className="font-mono text-small"
        value={result}
        onChange={(event) => setResult(event.target.value)}
      />
      {allowed && (
        <>
          <TextArea
            label={t('reviews.comment')}
            note={t('common.optional')}
            rows={2}
            maxLength={2_000}
            className="min-h-[56px]"
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" tone="primary" disabled={busy}>
              {t(changed ? 'reviews.acceptCorrected' : 'reviews.accept')}
            </Button>
            <Button disabled={busy || changed} onClick={() => say('retry')}>
              {t('reviews.retry')}
            </Button>
            <Button disabled={busy || changed} onClick={() => say('refuse')}>
              {t('reviews.refuse')}
            </Button>
          </div>
        </>
      )}
    </form>
  );
}
