import { type SubmitEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';
import { TextArea } from '@/shared/ui/Field';
import type { LineComment } from './review';

/** What a person wants different goes to the agent with the next round. */
export function RequestChanges(props: {
  open: boolean;
  busy: boolean;
  /** Remarks on lines that go along. */
  comments?: readonly LineComment[];
  onSend: (body: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [body, setBody] = useState('');
  const comments = props.comments ?? [];
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    props.onSend(body.trim());
  };
  return (
    <Dialog title={t('step.requestChanges')} open={props.open} onClose={props.onClose}>
      <form onSubmit={send} className="flex flex-col gap-4">
        <TextArea
          label={t('ask.changes')}
          hint={t('ask.changesText')}
          required={comments.length === 0}
          maxLength={64_000}
          rows={6}
          value={body}
          onChange={(event) => setBody(event.target.value)}
        />
        {comments.length > 0 && (
          <ul className="flex flex-col gap-1 rounded-control border border-line p-2 text-small">
            {comments.map((comment) => (
              <li key={`${comment.path}:${comment.line}:${comment.body}`} className="break-words">
                <code className="font-mono text-muted">
                  {comment.path}:{comment.line}
                </code>{' '}
                {comment.body}
              </li>
            ))}
          </ul>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={props.onClose}>{t('common.cancel')}</Button>
          <Button
            type="submit"
            tone="primary"
            disabled={props.busy || (!body.trim() && comments.length === 0)}
          >
            {t('ask.changesDo')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
