import { type KeyboardEvent, type SubmitEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import { TextArea } from '@/shared/ui/Field';

/** A remark on a line; it waits with the others until they are sent. */
export function CommentForm(props: {
  line: number;
  onLine: (line: number) => void;
  onSave: (body: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [body, setBody] = useState('');
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    if (body.trim()) props.onSave(body.trim());
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
        label={t('changes.commentOn', { line: props.line })}
        rows={2}
        maxLength={8_000}
        className="min-h-[56px]"
        value={body}
        onChange={(event) => setBody(event.target.value)}
      />
      <div className="flex items-center gap-2">
        <label className="mr-auto flex items-center gap-2 text-small text-muted">
          {t('changes.line')}
          <input
            type="number"
            min={1}
            value={props.line}
            onChange={(event) => props.onLine(Math.max(1, Number(event.target.value)))}
            className="h-7 w-20 rounded-control border border-line-strong bg-surface px-2"
          />
        </label>
        <Button onClick={props.onClose}>{t('common.cancel')}</Button>
        <Button type="submit" tone="primary" disabled={!body.trim()}>
          {t('changes.addComment')}
        </Button>
      </div>
    </form>
  );
}
