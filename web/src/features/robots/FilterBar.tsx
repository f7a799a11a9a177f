import clsx from 'clsx';
import { ClockAlert, Cog, Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import { INPUT } from '@/shared/ui/Field';
import { readFilters, type RobotFilters } from './filters';

interface FiltersProps {
  filters: RobotFilters;
  types: readonly string[];
  modules: readonly string[];
  onChange: (filters: RobotFilters) => void;
}

const SWITCHES = [
  { name: 'late', icon: ClockAlert, color: 'aria-pressed:border-input aria-pressed:text-input' },
  { name: 'system', icon: Cog, color: 'aria-pressed:border-accent aria-pressed:text-ink' },
] as const;

/** Which robots are shown, beside their status. */
export function FilterBar({ filters, types, modules, onChange }: FiltersProps) {
  const { t } = useTranslation();
  const set = (name: keyof RobotFilters, value: string | true | undefined) =>
    onChange(readFilters({ ...filters, [name]: value }));
  const choices = [
    { name: 'type', values: types },
    { name: 'module', values: modules },
  ] as const;
  return (
    <>
      <NameSearch value={filters.named ?? ''} onChange={(value) => set('named', value)} />
      {choices.map(({ name, values }) => (
        <select
          key={name}
          aria-label={t(`automation.filter.${name}`)}
          value={filters[name] ?? ''}
          onChange={(event) => set(name, event.target.value)}
          className={clsx(
            INPUT,
            'h-8 w-auto max-desk:h-10 max-desk:min-w-[40%] max-desk:flex-1 desk:max-w-[170px] desk:text-list!',
          )}
        >
          <option value="">
            {t(`automation.filter.${name}`)}: {t('automation.filter.all')}
          </option>
          {known(values, filters[name]).map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </select>
      ))}
      {SWITCHES.map(({ name, icon: Icon, color }) => (
        <button
          key={name}
          type="button"
          aria-pressed={filters[name] ?? false}
          title={t(`automation.filter.${name}Text`)}
          onClick={() => set(name, filters[name] ? undefined : true)}
          className={clsx(
            'flex h-8 items-center gap-1.5 rounded-control border border-line-strong bg-surface px-2.5 text-list whitespace-nowrap text-muted transition-colors hover:text-ink max-desk:h-10',
            color,
          )}
        >
          <Icon aria-hidden className="size-4" />
          {t(`automation.filter.${name}`)}
        </button>
      ))}
      {filters.batch && (
        <span className="inline-flex h-8 min-w-0 items-center gap-1 rounded-control border border-line-strong bg-surface pl-2.5 text-list">
          <span className="text-muted">{t('automation.filter.batch')}</span>
          <span className="max-w-[200px] truncate" title={filters.batch}>
            {filters.batch}
          </span>
          <button
            type="button"
            aria-label={t('automation.filter.leaveBatch')}
            onClick={() => set('batch', '')}
            className="flex size-7 items-center justify-center rounded-control text-muted hover:text-ink"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        </span>
      )}
      {Object.keys(filters).length > 0 && (
        <Button tone="quiet" className="px-2" onClick={() => onChange({})}>
          {t('automation.filter.clear')}
        </Button>
      )}
    </>
  );
}

const ASKS_AFTER_MS = 300;

/** Robots by name. The server is asked when one stops typing. */
function NameSearch({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(value);
  const [last, setLast] = useState(value);
  const ask = useRef(onChange);
  useEffect(() => {
    ask.current = onChange;
  });
  // The address was changed from elsewhere, as by a saved filter.
  if (value !== last) {
    setLast(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => {
      setLast(typed.trim());
      ask.current(typed.trim());
    }, ASKS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return (
    <span className="relative w-full desk:w-[260px]">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint max-desk:top-3"
      />
      <input
        type="search"
        aria-label={t('automation.filter.named')}
        placeholder={t('automation.filter.namedHint')}
        value={typed}
        maxLength={100}
        onChange={(event) => setTyped(event.target.value)}
        className={clsx(INPUT, 'h-8 pl-8 max-desk:h-10 desk:text-list!')}
      />
    </span>
  );
}

/** What the address names is a choice, too, even if nobody does it any more. */
function known(values: readonly string[], chosen: string | undefined): readonly string[] {
  return chosen === undefined || values.includes(chosen) ? values : [chosen, ...values];
}
