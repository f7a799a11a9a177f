import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';

const WAIT_MS = 120;

interface SearchBoxProps {
  /** The words that are looked for, as the address says. */
  words: string;
  onSearch: (words: string) => void;
}

/** What is typed is there at once; the address, and with it the board, follows a moment later. */
export function SearchBox({ words, onSearch }: SearchBoxProps) {
  const { t } = useTranslation();
  const [box, setBox] = useState({ typed: words, sent: words, seen: words });
  // Another address than what was typed here, as when a filter is cleared, counts more than what was typed.
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
    <label className="relative ml-2 max-w-[280px] min-w-0 grow max-desk:hidden">
      <span className="sr-only">{t('top.search')}</span>
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <input
        type="search"
        value={typed}
        maxLength={100}
        placeholder={t('top.search')}
        onChange={(event) => setBox({ ...box, typed: event.target.value })}
        className="peer h-8 w-full rounded-control border border-transparent bg-canvas pr-2 pl-8 text-list transition-colors placeholder:text-faint hover:border-line focus-visible:border-focus focus-visible:outline-none"
      />
      {typed === '' && (
        <kbd
          aria-hidden
          className="pointer-events-none absolute top-1.5 right-2 rounded-[4px] border border-line px-1.5 font-sans text-small text-faint peer-focus:hidden"
        >
          /
        </kbd>
      )}
    </label>
  );
}
