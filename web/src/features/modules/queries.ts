import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { Module } from '@/shared/api/types';
import { useAction } from '@/shared/ui/useAction';

const LOADS_EVERY_MS = 10_000;

/** Modules by name. How much they have in hand is no event of its own, so it is looked up now and then. */
export const modulesQuery = queryOptions({
  queryKey: keys.modules.list,
  queryFn: ({ signal }) => data(api.GET('/api/modules', { signal })),
  refetchInterval: LOADS_EVERY_MS,
});

/** Who gets robots of each type, the best first. */
export const routesQuery = queryOptions({
  queryKey: keys.modules.routes,
  queryFn: ({ signal }) => data(api.GET('/api/analytics/routing', { signal })),
});

/** Lets a module take work, or not. */
export function useSwitchModule() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: ({ moduleName, isActive }: Pick<Module, 'moduleName' | 'isActive'>) => {
      const params = { path: { moduleName } };
      return data(api.PATCH('/api/modules/{moduleName}', { params, body: { isActive } }));
    },
    after: () => void queries.invalidateQueries({ queryKey: keys.modules.all }),
    said: ({ moduleName: name, isActive }) =>
      t(`automation.wasSwitched.${isActive ? 'on' : 'off'}`, { name }),
  });
}
