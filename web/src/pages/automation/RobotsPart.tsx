import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { modulesQuery } from '@/features/modules/queries';
import { FilterBar } from '@/features/robots/FilterBar';
import type { RobotFilters } from '@/features/robots/filters';
import { countsQuery } from '@/features/robots/queries';
import { SavedFilters } from '@/features/robots/SavedFilters';
import { StatusTabs } from '@/features/robots/StatusTabs';
import { RobotRows } from '@/pages/automation/RobotRows';
import { useAddress } from '@/pages/navigation';

/** Robots, newest first, narrowed by the filters of the address. */
export function RobotsPart() {
  const { t } = useTranslation();
  const { project } = useAddress();
  const filters = useFilters();
  const modules = useQuery(modulesQuery);
  // Of a search, and of those that will be late, the list itself says how many there are.
  const counted = !filters.named && !filters.late;
  const counts = useQuery({ ...countsQuery(filters), enabled: counted });
  const navigate = useNavigate();
  const show = (next: RobotFilters) =>
    void navigate({
      to: '/automation/robots',
      replace: true,
      search: { ...next, ...(project && { project }) },
    });
  const known = modules.data ?? [];
  const shown = known.filter(({ internal }) => filters.system === true || !internal);
  const types = [...new Set(shown.flatMap((each) => each.supportedRobotTypes))].sort();
  const { status: _, ...others } = filters;
  return (
    <div className="flex min-h-0 grow flex-col gap-2.5 px-4 pt-3 pb-3">
      <StatusTabs
        chosen={filters.status}
        counts={counted ? counts.data : undefined}
        onChoose={(status) => show({ ...others, ...(status && { status }) })}
      />
      <div
        role="search"
        aria-label={t('automation.part.robots')}
        className="flex flex-wrap items-center gap-2"
      >
        <FilterBar
          filters={filters}
          types={types}
          modules={shown.map(({ moduleName }) => moduleName)}
          onChange={show}
        />
        <SavedFilters filters={filters} onChoose={show} />
      </div>
      <RobotRows key={JSON.stringify(filters)} filters={filters} />
    </div>
  );
}

function useFilters(): RobotFilters {
  const { status, type, module, batch, named, late, system } = useSearch({
    from: '/signed-in/automation/robots',
  });
  return useMemo(
    () => ({
      ...(status && { status }),
      ...(type && { type }),
      ...(module && { module }),
      ...(batch && { batch }),
      ...(named && { named }),
      ...(late && { late }),
      ...(system && { system }),
    }),
    [status, type, module, batch, named, late, system],
  );
}
