import { X } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import { IconButton } from '@/shared/ui/IconButton';

interface DependenciesProps {
  keys: readonly string[];
  editable: boolean;
  busy: boolean;
  onOpen: (key: string) => void;
  onChange: (keys: string[], changed: () => void) => void;
}

/** What a task waits for, by key; others are added by typing their key. */
export function Dependencies(props: DependenciesProps) {
  const { t } = useTranslation();
  const { keys } = props;
  const [adding, setAdding] = useState(false);
  const [draft, setDraft] = useState('');
  const close = () => {
    setAdding(false);
    setDraft('');
  };
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = draft
      .toUpperCase()
      .split(/[\s,]+/)
      .filter(Boolean);
    if (typed.length > 0) props.onChange([...new Set([...keys, ...typed])], close);
  };
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {keys.map((key) => (
        <span key={key} className="inline-flex items-center">
          <button
            type="button"
            onClick={() => props.onOpen(key)}
            className="min-h-6 text-link underline-offset-2 hover:underline"
          >
            {key}
          </button>
          {props.editable && (
            <IconButton
              label={t('depends.remove', { key })}
              disabled={props.busy}
              onClick={() =>
                props.onChange(
                  keys.filter((each) => each !== key),
                  close,
                )
              }
              className="size-6"
            >
              <X className="size-3" />
            </IconButton>
          )}
        </span>
      ))}
      {keys.length === 0 && !adding && <span className="text-faint">{t('depends.none')}</span>}
      {props.editable &&
        (adding ? (
          <form onSubmit={add} className="flex items-center gap-2">
            <input
              // eslint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked to add one
              autoFocus
              aria-label={t('depends.keys')}
              placeholder="SHOP-9"
              maxLength={200}
              value={draft}
              onChange={(event) => setDraft(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Escape') return;
                event.stopPropagation();
                close();
              }}
              className="h-7 w-28 rounded-control border border-line-strong bg-surface px-2 text-list max-desk:h-10 max-desk:text-[16px]"
            />
            <Button type="submit" className="h-7" disabled={props.busy || !draft.trim()}>
              {t('depends.add')}
            </Button>
          </form>
        ) : (
          <Button
            tone="quiet"
            className="-ml-1.5 h-6! px-1.5 text-small max-desk:h-9!"
            onClick={() => setAdding(true)}
          >
            {t('depends.addOne')}
          </Button>
        ))}
    </div>
  );
}
