import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { answer, api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { NewSchedule, Schedule } from '@/shared/api/types';
import { saying } from '@/shared/i18n/told';
import { notify } from '@/shared/ui/notices';
import { useAction } from '@/shared/ui/useAction';

const TIMES_PASS_EVERY_MS = 30_000;
const SHOWN_RUNS = 20;

/** Schedules by name. That a time has come is no event, so it is looked up now and then. */
export const schedulesQuery = queryOptions({
  queryKey: keys.schedules.list,
  queryFn: ({ signal }) => data(api.GET('/api/schedules', { signal })),
  refetchInterval: TIMES_PASS_EVERY_MS,
});

/** What became of the last times of a schedule, the newest first. */
export function runsQuery(name: string) {
  return queryOptions({
    queryKey: keys.schedules.runs(name),
    queryFn: ({ signal }) => {
      const params = { path: { name }, query: { limit: SHOWN_RUNS } };
      return data(api.GET('/api/schedules/{name}/runs', { params, signal }));
    },
    refetchInterval: TIMES_PASS_EVERY_MS,
  });
}

/** When a schedule like this one would come, the next five times. */
export function timesQuery(cron: string, timezone: string) {
  return queryOptions({
    queryKey: keys.schedules.times(cron, timezone),
    queryFn: ({ signal }) =>
      data(api.GET('/api/schedule-times', { params: { query: { cron, timezone } }, signal })),
    placeholderData: (before) => before,
    retry: false,
  });
}

/** Changes a schedule; its name stays. What is wrong with it is told by the form, at its field. */
export function useChangeSchedule(name: string) {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useMutation({
    mutationFn: ({ name: _, ...body }: NewSchedule) =>
      data(api.PATCH('/api/schedules/{name}', { params: { path: { name } }, body })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.schedules.all });
      notify('done', t('schedules.wasChanged', { name }));
    },
  });
}

/** Makes a schedule. What is wrong with it is told by the form, at its field. */
export function useCreateSchedule() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useMutation({
    mutationFn: (body: NewSchedule) => data(api.POST('/api/schedules', { body })),
    onSuccess: ({ name }) => {
      void queries.invalidateQueries({ queryKey: keys.schedules.all });
      notify('done', t('schedules.wasMade', { name }));
    },
  });
}

/** What a person can do with a schedule that there is. */
export function useScheduleActions() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const after = () => void queries.invalidateQueries({ queryKey: keys.schedules.all });
  return {
    turn: useAction({
      act: ({ name, isActive }: Pick<Schedule, 'name' | 'isActive'>) =>
        data(api.PATCH('/api/schedules/{name}', { params: { path: { name } }, body: { isActive } })),
      after,
      said: ({ name, isActive }) => t(`schedules.was.${isActive ? 'resumed' : 'paused'}`, { name }),
    }),
    run: useAction({
      act: (name: string) => data(api.POST('/api/schedules/{name}/run', { params: { path: { name } } })),
      after,
      said: ({ outcome, detail, detailTold }, name) =>
        t(`schedules.ran.${outcome}`, {
          name,
          why: saying(detail, detailTold, t) ?? t('schedules.noReason'),
        }),
      failed: ({ outcome }) => outcome === 'FAILED',
    }),
    remove: useAction({
      act: (name: string) => answer(api.DELETE('/api/schedules/{name}', { params: { path: { name } } })),
      // Its history is gone with it.
      after: () => void queries.invalidateQueries({ queryKey: keys.schedules.list }),
      said: (_nothing, name) => t('schedules.was.removed', { name }),
    }),
  };
}
