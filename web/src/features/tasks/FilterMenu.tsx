import { ListFilter, X } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { TASK_PRIORITIES } from '@/shared/api/states';
import { Button } from '@/shared/ui/Button';
import { Menu, MenuChoices, MenuLine } from '@/shared/ui/Menu';
import type { Filters } from './filters';
import { LANES_BY, type LanesBy } from './lanes';

const ANY = '';
const WAITING = ['person', 'reason'] as const;

interface FilterMenuProps {
  filters: Filters;
  agents: readonly string[];
  onChange: (filters: Filters) => void;
  /** Null on a screen that has no room for lanes. */
  lanes: { by: LanesBy | null; onChange: (by: LanesBy | null) => void } | null;
}

/** Which cards are shown; what narrows stands beside the button and goes with a click. */
export function FilterMenu(props: FilterMenuProps) {
  const { t } = useTranslation();
  const { filters, lanes } = props;
  const set = <Name extends 'priority' | 'agent' | 'waiting'>(
    name: Name,
    value: Filters[Name] | undefined,
  ) => {
    const { [name]: _, ...rest } = filters;
    props.onChange(value ? { ...rest, [name]: value } : rest);
  };
  const any = { value: ANY, text: t('filter.any') } as const;
  const active = [
    filters.priority && { name: 'priority', text: t(`priority.${filters.priority}`) },
    filters.agent && { name: 'agent', text: filters.agent },
    filters.waiting && { name: 'waiting', text: t(`filter.waiting.${filters.waiting}`) },
  ].filter((each) => !!each) as { name: 'priority' | 'agent' | 'waiting'; text: string }[];
  return (
    <div className="flex min-w-0 items-center gap-1.5 overflow-x-auto">
      <Menu
        align="start"
        trigger={
          <Button tone="quiet" className="px-2 max-desk:px-2.5">
            <ListFilter aria-hidden className="size-4" />
            <span className="max-desk:sr-only">{t('filter.title')}</span>
          </Button>
        }
      >
        <MenuChoices
          label={t('filter.waiting.label')}
          value={filters.waiting ?? ANY}
          choices={[any, ...WAITING.map((value) => ({ value, text: t(`filter.waiting.${value}`) }))]}
          onChoose={(value) => set('waiting', value || undefined)}
        />
        <MenuLine />
        <MenuChoices
          label={t('priority.label')}
          value={filters.priority ?? ANY}
          choices={[any, ...TASK_PRIORITIES.map((value) => ({ value, text: t(`priority.${value}`) }))]}
          onChoose={(value) => set('priority', value || undefined)}
        />
        {props.agents.length > 0 && (
          <>
            <MenuLine />
            <MenuChoices
              label={t('agents.name')}
              value={filters.agent ?? ANY}
              choices={[any, ...props.agents.map((value) => ({ value, text: value }))]}
              onChoose={(value) => set('agent', value || undefined)}
            />
          </>
        )}
        {lanes && (
          <>
            <MenuLine />
            <MenuChoices
              label={t('board.lanes.label')}
              value={lanes.by ?? ANY}
              choices={[
                { value: ANY, text: t('board.lanes.none') },
                ...LANES_BY.map((value) => ({ value, text: t(`board.lanes.${value}`) })),
              ]}
              onChoose={(value) => lanes.onChange(value || null)}
            />
          </>
        )}
      </Menu>
      {active.map(({ name, text }) => (
        <button
          key={name}
          type="button"
          aria-label={t('filter.remove', { text })}
          title={t('filter.remove', { text })}
          onClick={() => set(name, undefined)}
          className="flex h-7 shrink-0 items-center gap-1 rounded-full border border-line-strong bg-surface pr-1.5 pl-2.5 text-small whitespace-nowrap hover:bg-hover max-desk:h-9"
        >
          {text}
          <X aria-hidden className="size-3.5 text-faint" />
        </button>
      ))}
    </div>
  );
}
