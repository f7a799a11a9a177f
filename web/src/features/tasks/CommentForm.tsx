import type { KeyboardEvent, SubmitEvent } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import { TextArea } from '@/shared/ui/Field';
import type { LineComment } from './review';

/** A remark that is being written. */
export interface Draft {
  /** The line below which it is written. */
  at: number;
  /** The line that it is about, as it was typed. */
  line: string;
  body: string;
  /** The remark in whose place it comes. */
  edits?: LineComment;
}

/** A remark on a line; it waits with the others until they are sent. */
export function CommentForm(props: {
  draft: Draft;
  onChange: (draft: Draft) => void;
  onSave: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { draft, onChange } = props;
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    if (draft.body.trim()) props.onSave();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    props.onClose();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- short cuts; the buttons do the same
    <form onSubmit={save} onKeyDown={onKeyDown} className="flex max-w-[640px] flex-col gap-2">
      <TextArea
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked to write it
        autoFocus
        label={t('changes.commentOn', { line: draft.line })}
        rows={2}
        maxLength={8_000}
        className="min-h-[56px]"
        value={draft.body}
        onFocus={({ target }) => target.setSelectionRange(target.value.length, target.value.length)}
        onChange={(event) => onChange({ ...draft, body: event.target.value })}
      />
      <div className="flex flex-wrap items-center justify-end gap-2">
        <label className="mr-auto flex items-center gap-2 text-small text-muted">
          {t('changes.line')}
          <input
            type="number"
            required
            min={1}
            step={1}
            value={draft.line}
            onChange={(event) => onChange({ ...draft, line: event.target.value })}
            className="h-7 w-20 rounded-control border border-line-strong bg-surface px-2"
          />
        </label>
        <Button onClick={props.onClose}>{t('common.cancel')}</Button>
        <Button type="submit" tone="primary" disabled={!draft.body.trim()}>
          {t(draft.edits ? 'common.save' : 'changes.addComment')}
        </Button>
      </div>
    </form>
  );
}
