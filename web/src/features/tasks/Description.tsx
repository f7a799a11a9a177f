import { type SubmitEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import { TextArea } from '@/shared/ui/Field';
import { Markdown } from '@/shared/ui/Markdown';

/** What the task is about, as it was written; editable in place. */
export function Description(props: {
  text: string | null;
  editable: boolean;
  busy: boolean;
  onSave: (text: string, saved: () => void) => void;
}) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<string | null>(null);
  if (draft === null) {
    return (
      <section aria-label={t('add.description')} className="group flex flex-col items-start gap-1.5">
        {props.text ? (
          <Markdown text={props.text} />
        ) : (
          <p className="text-body text-faint">{t('task.noDescription')}</p>
        )}
        {props.editable && (
          <Button
            tone="quiet"
            className="-ml-2 h-7 px-2 text-small"
            onClick={() => setDraft(props.text ?? '')}
          >
            {t('task.editDescription')}
          </Button>
        )}
      </section>
    );
  }
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    props.onSave(draft.trim(), () => setDraft(null));
  };
  return (
    <form onSubmit={save} className="flex flex-col gap-2">
      <TextArea
        label={t('add.description')}
        hint={t('task.markdown')}
        maxLength={64_000}
        rows={6}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
      />
      <div className="flex gap-2">
        <Button type="submit" tone="primary" disabled={props.busy}>
          {t('common.save')}
        </Button>
        <Button onClick={() => setDraft(null)}>{t('common.cancel')}</Button>
      </div>
    </form>
  );
}
