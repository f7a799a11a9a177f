import type { TFunction } from 'i18next';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { answer, api, data } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { allPages } from '@/shared/api/pages';
import type { Key, NewKey } from '@/shared/api/types';
import { refusedFields } from '@/shared/i18n/brokenRules';
import { useAction } from '@/shared/ui/useAction';

const PAGE = 500;
const MOST_KEYS = 2_000;
const LOOKED_UP_EVERY_MS = 30_000;

/** Keys, newest first. That one was used is no event, so it is looked up now and then. */
export const keysQuery = queryOptions({
  queryKey: keys.accessKeys,
  queryFn: ({ signal }) =>
    allPages((cursor) => {
      const query = { limit: PAGE, ...(cursor && { cursor }) };
      return answer(api.GET('/api/keys', { params: { query }, signal }));
    }, MOST_KEYS),
  refetchInterval: LOOKED_UP_EVERY_MS,
});

const FIELDS = ['name', 'modules', 'requestsPerMinute'] as const;

/** What the server refused of a new key, by the fields of its form; null if it is about none of them. */
export const refusedKey = (error: unknown, t: TFunction) =>
  refusedFields(error, { key_name_taken: 'name' }, FIELDS, t);

/** Makes a key. The answer holds it, this once: it is given to the caller and kept nowhere. */
export function useCreateKey() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    toldThere: (error) => refusedKey(error, t) !== null,
    act: (body: NewKey) => data(api.POST('/api/keys', { body })),
    after: () => void queries.invalidateQueries({ queryKey: keys.accessKeys }),
  });
}

export function useRevokeKey() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return useAction({
    act: (key: Key) => data(api.DELETE('/api/keys/{key_id}', { params: { path: { key_id: key.id } } })),
    after: () => void queries.invalidateQueries({ queryKey: keys.accessKeys }),
    said: ({ name }) => t('settings.keys.wasRevoked', { name }),
  });
}
