import { Search } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Attempt, LogLevel } from '@/shared/api/types';
import type { LogFilter } from './queries';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[];
const CONTROL =
  'h-8 rounded-control border border-line-strong bg-surface px-2 text-list max-desk:h-10 max-desk:text-[16px]';

/** Which attempt, which level, which words. */
export function LogTools(props: {
  attempts: readonly Pick<Attempt, 'executionId' | 'round' | 'number'>[];
  filter: LogFilter;
  onChange: (filter: LogFilter) => void;
}) {
  const { t } = useTranslation();
  const { filter } = props;
  const set = (name: keyof LogFilter, value: string) => {
    const { [name]: _, ...rest } = filter;
    props.onChange(value ? { ...rest, [name]: value } : rest);
  };
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2">
      <label className="relative min-w-[140px] grow">
        <span className="sr-only">{t('log.search')}</span>
        <Search
          aria-hidden
          className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint max-desk:top-3"
        />
        <input
          type="search"
          value={filter.q ?? ''}
          maxLength={200}
          placeholder={t('log.search')}
          onChange={(event) => set('q', event.target.value)}
          className={`${CONTROL} w-full pl-8 placeholder:text-faint`}
        />
      </label>
      <select
        aria-label={t('log.levels')}
        value={filter.level ?? ''}
        onChange={(event) => set('level', event.target.value)}
        className={CONTROL}
      >
        <option value="">{t('log.allLevels')}</option>
        {LEVELS.map((level) => (
          <option key={level} value={level}>
            {t(`log.level.${level}`)}
          </option>
        ))}
      </select>
      <select
        aria-label={t('log.attempt')}
        value={filter.attempt ?? ''}
        onChange={(event) => set('attempt', event.target.value)}
        className={CONTROL}
      >
        <option value="">{t('log.allAttempts')}</option>
        {props.attempts.map(({ executionId, round, number }) => (
          <option key={executionId} value={executionId}>
            {t('attempts.name', { round, number })}
          </option>
        ))}
      </select>
    </div>
  );
}
