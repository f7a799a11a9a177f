import clsx from 'clsx';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { IconButton } from '@/shared/ui/IconButton';

const WAIT_MS = 120;

interface SearchBoxProps {
  /** The words that are looked for, as the address says. */
  words: string;
  onSearch: (words: string) => void;
}

/**
 * What is typed is there at once; the address, and with it the board, follows a moment later. On a phone it lies over
 * the bar while somebody types in it.
 */
export function SearchBox({ words, onSearch }: SearchBoxProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (open) input.current?.focus();
  }, [open]);
  const [box, setBox] = useState({ typed: words, sent: words, seen: words });
  // If the address changes otherwise (a filter is cleared), it wins over what was typed here.
  if (box.seen !== words)
    setBox({ ...box, seen: words, ...(words !== box.sent && { typed: words, sent: words }) });
  const { typed, sent, seen } = box;
  useEffect(() => {
    if (typed === sent || sent !== seen) return;
    const timer = setTimeout(() => {
      setBox((now) => ({ ...now, sent: typed }));
      onSearch(typed);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [typed, sent, seen, onSearch]);
  return (
    <>
      <IconButton
        label={t('top.search')}
        aria-expanded={open}
        onClick={() => setOpen(true)}
        className={clsx('desk:hidden', words && 'text-focus')}
      >
        <Search aria-hidden className="size-[18px]" />
      </IconButton>
      <label
        className={clsx(
          'min-w-0 grow desk:relative desk:ml-2 desk:max-w-[280px]',
          open
            ? 'max-desk:absolute max-desk:inset-x-0 max-desk:bottom-0 max-desk:z-10 max-desk:bg-surface max-desk:p-2'
            : 'max-desk:hidden',
        )}
      >
        <span className="sr-only">{t('top.search')}</span>
        <Search
          aria-hidden
          className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint max-desk:top-4 max-desk:left-4.5"
        />
        <input
          ref={input}
          type="search"
          enterKeyHint="search"
          value={typed}
          maxLength={100}
          placeholder={t('top.search')}
          onChange={(event) => setBox({ ...box, typed: event.target.value })}
          onBlur={() => setOpen(false)}
          onKeyDown={(event) => {
            if (open && (event.key === 'Enter' || event.key === 'Escape')) event.currentTarget.blur();
          }}
          className="peer h-8 w-full rounded-control border border-transparent bg-canvas pr-2 pl-8 text-list transition-colors placeholder:text-faint hover:border-line focus-visible:border-focus focus-visible:outline-none"
        />
        {typed === '' && (
          <kbd
            aria-hidden
            className="pointer-events-none absolute top-1.5 right-2 rounded-[4px] border border-line px-1.5 font-sans text-small text-faint peer-focus:hidden max-desk:hidden"
          >
            /
          </kbd>
        )}
      </label>
    </>
  );
}
