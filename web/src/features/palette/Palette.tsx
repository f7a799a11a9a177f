import { Dialog as Base } from '@base-ui/react/dialog';
import clsx from 'clsx';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { BACKDROP, POPUP } from '@/shared/ui/Dialog';
import { found, type PaletteEntry } from './find';

interface PaletteProps {
  open: boolean;
  entries: readonly PaletteEntry[];
  onClose: () => void;
}

/** Goes anywhere and does anything by a few letters: tasks by key or title, pages, projects, actions. */
export function Palette(props: PaletteProps) {
  const { t } = useTranslation();
  return (
    <Base.Root open={props.open} onOpenChange={(open) => open || props.onClose()}>
      <Base.Portal>
        <Base.Backdrop className={BACKDROP} />
        <Base.Popup aria-label={t('palette.title')} className={clsx(POPUP, 'desk:w-[560px]')}>
          <PaletteList {...props} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function PaletteList({ entries, onClose }: PaletteProps) {
  const { t } = useTranslation();
  const id = useId();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => found(entries, typed), [entries, typed]);
  const chosen = shown[Math.min(at, shown.length - 1)];

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const run = (entry: PaletteEntry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((Math.min(at, shown.length - 1) + step + shown.length) % Math.max(1, shown.length));
    else if (event.key === 'Enter') run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen && `${id}-${chosen.id}`}
        aria-label={t('palette.title')}
        placeholder={t('palette.hint')}
        maxLength={100}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        className="h-12 w-full shrink-0 border-b border-line bg-transparent px-4 text-body outline-none placeholder:text-faint max-desk:text-[16px]"
      />
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={t('palette.title')}
        className="min-h-0 overflow-y-auto p-1.5"
      >
        {shown.map((entry) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the field above has the keys
          <div
            key={entry.id}
            id={`${id}-${entry.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={entry === chosen}
            onClick={() => run(entry)}
            onPointerMove={() => setAt(shown.indexOf(entry))}
            className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-control px-2.5 text-list aria-selected:bg-hover"
          >
            <span aria-hidden className="flex size-4 shrink-0 items-center justify-center text-muted">
              {entry.icon}
            </span>
            {entry.key && <span className="shrink-0 text-muted">{entry.key}</span>}
            <span className="min-w-0 grow truncate">{entry.text}</span>
            <span className="shrink-0 text-small text-faint">
              {entry.keys ?? t(`palette.${entry.group}`)}
            </span>
          </div>
        ))}
      </div>
      {shown.length === 0 && <p className="px-4 pb-4 text-list text-muted">{t('palette.nothing')}</p>}
    </>
  );
}
