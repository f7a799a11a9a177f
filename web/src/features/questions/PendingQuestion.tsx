import clsx from 'clsx';
import { MessageCircleQuestionMark } from 'lucide-react';
import { type SubmitEvent, type KeyboardEvent, useId, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Question } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { TextArea } from '@/shared/ui/Field';
import { Markdown } from '@/shared/ui/Markdown';
import { TimeAgo } from '@/shared/ui/Time';

interface PendingQuestionProps {
  question: Question;
  busy: boolean;
  allowed: boolean;
  /** Words that were sent and taken back. */
  draft?: string;
  /** Null: go on without an answer. */
  onReply: (text: string | null) => void;
}

/** A question that waits: the agent's words, answers on offer, and a box for one's own. */
export function PendingQuestion(props: PendingQuestionProps) {
  const { t } = useTranslation();
  const { question } = props;
  const id = useId();
  const [chosen, setChosen] = useState<string | null>(null);
  const [own, setOwn] = useState(props.draft ?? '');
  const reply = own.trim() || chosen;
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    if (reply && !props.busy) props.onReply(reply);
  };
  const sendOnCtrlEnter = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a short cut; the button does the same
    <form
      onSubmit={send}
      onKeyDown={sendOnCtrlEnter}
      aria-labelledby={`${id}-question`}
      className="flex flex-col gap-3 rounded-card border border-input/45 bg-surface p-4"
    >
      <header className="flex items-center gap-1.5 text-small text-input">
        <MessageCircleQuestionMark aria-hidden className="size-4" />
        {t('question.asks', { name: question.askedBy ?? t('question.someone') })}
        <TimeAgo at={question.askedAt} className="ml-auto text-faint" />
      </header>
      <p id={`${id}-question`} className="text-body font-medium break-words whitespace-pre-wrap">
        {question.question}
      </p>
      {question.context && <Markdown text={question.context} className="text-muted" />}
      {question.choices.length > 0 && (
        <fieldset className="flex flex-col gap-2">
          <legend className="sr-only">{t('question.choices')}</legend>
          {question.choices.map((choice) => (
            <label
              key={choice.label}
              className={clsx(
                'flex cursor-pointer items-start gap-2.5 rounded-control border px-3 py-2 text-list transition-colors hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-focus',
                chosen === choice.label && !own.trim() ? 'border-focus' : 'border-line',
              )}
            >
              <input
                type="radio"
                name={`${id}-choice`}
                checked={chosen === choice.label && !own.trim()}
                disabled={!props.allowed}
                onChange={() => {
                  setChosen(choice.label);
                  setOwn('');
                }}
                className="mt-[3px] accent-accent outline-none"
              />
              <span className="min-w-0 break-words">
                <span className="font-medium">{choice.label}</span>
                {choice.description && (
                  <span className="block text-small text-muted">{choice.description}</span>
                )}
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <TextArea
        label={t('question.answer')}
        placeholder={question.choices.length > 0 ? t('question.answerHint') : t('question.answerHintFree')}
        maxLength={64_000}
        rows={2}
        disabled={!props.allowed}
        className="min-h-[64px]"
        value={own}
        onChange={(event) => setOwn(event.target.value)}
      />
      <div className="flex flex-wrap items-center justify-end gap-2">
        <Button
          tone="quiet"
          title={props.allowed ? t('question.skipHint') : t('step.denied')}
          disabled={props.busy || !props.allowed}
          onClick={() => props.onReply(null)}
        >
          {t('question.skip')}
        </Button>
        <Button type="submit" tone="primary" disabled={!reply || props.busy || !props.allowed}>
          {t('question.send')}
        </Button>
      </div>
    </form>
  );
}
