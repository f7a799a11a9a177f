import { queryOptions, useQueries, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { ModuleHistory } from '@/shared/api/types';
import { useAction } from '@/shared/ui/useAction';
import type { ModuleOrder } from './ModuleMenu';

const LOADS_EVERY_MS = 10_000;
// Modules are looked at every five minutes; a change of their health is told at once.
const HISTORY_EVERY_MS = 300_000;
const DAY_HOURS = 24;

/** Modules by name. How much they have in hand is no event of its own, so it is looked up now and then. */
export const modulesQuery = queryOptions({
  queryKey: keys.modules.list,
  queryFn: ({ signal }) => data(api.GET('/api/modules', { signal })),
  refetchInterval: LOADS_EVERY_MS,
});

/** Modules that nobody can count on any more. */
export const unwellModulesQuery = queryOptions({
  queryKey: keys.unwellModules,
  queryFn: async ({ signal }) => {
    const modules = await data(api.GET('/api/modules', { signal }));
    return modules.filter(({ isActive, healthStatus }) => isActive && healthStatus === 'UNHEALTHY');
  },
});

/** One module. */
export function moduleQuery(moduleName: string) {
  return queryOptions({
    queryKey: keys.modules.one(moduleName),
    queryFn: ({ signal }) =>
      data(api.GET('/api/modules/{moduleName}', { params: { path: { moduleName } }, signal })),
    refetchInterval: LOADS_EVERY_MS,
  });
}

/** Who gets robots of each type, the best first. */
export const routesQuery = queryOptions({
  queryKey: keys.modules.routes,
  queryFn: ({ signal }) => data(api.GET('/api/analytics/routing', { signal })),
});

/** A module's scores of the last hours, and how it was over the day. */
export function historyQuery(moduleName: string, hours = DAY_HOURS) {
  return queryOptions({
    queryKey: keys.moduleHistory(moduleName, hours),
    queryFn: ({ signal }) => {
      const params = { path: { moduleName }, query: { hours } };
      return data(api.GET('/api/modules/{moduleName}/history', { params, signal }));
    },
    refetchInterval: HISTORY_EVERY_MS,
  });
}

/** The last 24 hours of these modules, by name, as far as they have come. */
export function useHistories(names: readonly string[]): ReadonlyMap<string, ModuleHistory> {
  return useQueries({
    queries: names.map((name) => historyQuery(name)),
    combine: (found) =>
      new Map(
        found.flatMap(({ data: history }) => (history ? [[history.moduleName, history] as const] : [])),
      ),
  });
}

/** What a person can have done to a module: looked at now, drained or not, switched on or off, trusted again. */
export function useModuleOrders() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: ({ name, order }: { name: string; order: ModuleOrder }) => {
      const params = { path: { moduleName: name } };
      switch (order) {
        case 'check':
          return data(api.POST('/api/modules/{moduleName}/health-check', { params }));
        case 'drain':
          return data(api.POST('/api/modules/{moduleName}/drain', { params }));
        case 'reset':
          return data(api.POST('/api/modules/{moduleName}/reset', { params }));
        case 'keep':
          return data(api.PATCH('/api/modules/{moduleName}', { params, body: { draining: false } }));
        case 'on':
        case 'off':
          return data(api.PATCH('/api/modules/{moduleName}', { params, body: { isActive: order === 'on' } }));
      }
    },
    after: (_module, { name }) => {
      void queries.invalidateQueries({ queryKey: keys.modules.all });
      void queries.invalidateQueries({ queryKey: keys.moduleHistories(name) });
    },
    said: ({ healthStatus }, { name, order }) =>
      t(`automation.wasDone.${order}`, { name, how: t(`automation.healthState.${healthStatus}`) }),
  });
}

/** What a module gets at most; null: as many as there are. */
export interface ModuleLimits {
  maxConcurrent: number | null;
  maxPerMinute: number | null;
}

/** Limits what a module gets. */
export function useLimitModule() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: ({ name, limits }: { name: string; limits: ModuleLimits }) =>
      data(api.PATCH('/api/modules/{moduleName}', { params: { path: { moduleName: name } }, body: limits })),
    after: () => void queries.invalidateQueries({ queryKey: keys.modules.all }),
    said: (_module, { name }) => t('module.limit.done', { name }),
  });
}

/** Takes a module away. */
export function useRemoveModule() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: (moduleName: string) =>
      data(api.DELETE('/api/modules/{moduleName}', { params: { path: { moduleName } } })),
    after: () => void queries.invalidateQueries({ queryKey: keys.modules.list }),
    said: (_module, name) => t('module.wasRemoved', { name }),
  });
}
