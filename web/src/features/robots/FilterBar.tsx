import clsx from 'clsx';
import { useTranslation } from 'react-i18next';
import { Button } from '@/shared/ui/Button';
import { INPUT } from '@/shared/ui/Field';
import { readFilters, ROBOT_STATUSES, type RobotFilters } from './filters';

interface FiltersProps {
  filters: RobotFilters;
  types: readonly string[];
  modules: readonly string[];
  onChange: (filters: RobotFilters) => void;
}

/** Which robots are shown. */
export function FilterBar({ filters, types, modules, onChange }: FiltersProps) {
  const { t } = useTranslation();
  const set = (name: keyof RobotFilters, value: string) =>
    onChange(readFilters({ ...filters, [name]: value }));
  const choices = [
    {
      name: 'status',
      values: ROBOT_STATUSES.map((value) => ({ value, text: t(`automation.status.${value}`) })),
    },
    { name: 'type', values: types.map((value) => ({ value, text: value })) },
    { name: 'module', values: modules.map((value) => ({ value, text: value })) },
  ] as const;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {choices.map(({ name, values }) => (
        <select
          key={name}
          aria-label={t(`automation.filter.${name}`)}
          value={filters[name] ?? ''}
          onChange={(event) => set(name, event.target.value)}
          className={clsx(INPUT, 'h-8 max-w-[170px] text-list!')}
        >
          <option value="">
            {t(`automation.filter.${name}`)}: {t('automation.filter.all')}
          </option>
          {values.map(({ value, text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      ))}
      <input
        type="search"
        aria-label={t('automation.filter.batch')}
        placeholder={t('automation.filter.batchHint')}
        value={filters.batch ?? ''}
        maxLength={100}
        onChange={(event) => set('batch', event.target.value)}
        className={clsx(INPUT, 'h-8 max-w-[180px] text-list!')}
      />
      {Object.keys(filters).length > 0 && (
        <Button tone="quiet" onClick={() => onChange({})}>
          {t('automation.filter.clear')}
        </Button>
      )}
    </div>
  );
}
