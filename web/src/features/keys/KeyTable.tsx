import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import type { Key } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { TimeAgo } from '@/shared/ui/Time';
import { standingOf } from './standing';

const COLORS = { live: 'text-muted', expired: 'text-input', revoked: 'text-faint' } as const;

/** Keys by name: what they are for, when they were last used, and until when they open anything. */
export function KeyTable(props: { keys: readonly Key[]; onRevoke: (key: Key) => void }) {
  const { t } = useTranslation();
  return (
    <table className="w-full border-collapse text-list max-desk:block">
      <thead className="max-desk:sr-only">
        <tr className="border-b border-line text-left text-small text-faint [&_th]:px-4 [&_th]:py-2 [&_th]:font-medium">
          <th scope="col">{t('settings.keys.name')}</th>
          <th scope="col">{t('settings.keys.scope')}</th>
          <th scope="col">{t('settings.keys.lastUsed')}</th>
          <th scope="col">{t('settings.keys.expires')}</th>
          <th scope="col">
            <span className="sr-only">{t('settings.keys.revoke')}</span>
          </th>
        </tr>
      </thead>
      <tbody className="max-desk:block">
        {props.keys.map((key) => (
          <Row key={key.id} of={key} onRevoke={() => props.onRevoke(key)} />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: { of: Key; onRevoke: () => void }) {
  const { t, i18n } = useTranslation();
  const key = props.of;
  const standing = standingOf(key, new Date());
  const day = (moment: string) => new Date(moment).toLocaleDateString(i18n.language, { dateStyle: 'medium' });
  return (
    <tr className="border-b border-line last:border-0 max-desk:grid max-desk:grid-cols-[minmax(0,1fr)_auto] max-desk:gap-x-3 max-desk:gap-y-1 max-desk:px-4 max-desk:py-3 desk:[&>td]:px-4 desk:[&>td]:py-2">
      <td className="min-w-0">
        <span className="block font-medium break-words">{key.name}</span>
        <code title={t('settings.keys.begins')} className="font-mono text-small text-faint">
          {key.prefix}…
        </code>
      </td>
      <td className="text-muted max-desk:justify-self-end">
        <span className="[overflow-wrap:anywhere]">
          {key.modules ? `${key.scope}: ${key.modules.join(', ')}` : key.scope}
        </span>
        {typeof key.requestsPerMinute === 'number' && (
          <span className="block text-small text-faint">
            {t('settings.keys.limited', { count: key.requestsPerMinute })}
          </span>
        )}
      </td>
      <td className="whitespace-nowrap text-muted">
        <span className="desk:hidden">{t('settings.keys.lastUsed')}: </span>
        {key.lastUsedAt ? <TimeAgo at={key.lastUsedAt} /> : t('common.never')}
      </td>
      <td
        className={clsx('max-desk:justify-self-end', COLORS[standing])}
        title={key.createdBy ? t('settings.keys.by', { name: key.createdBy }) : undefined}
      >
        {standing !== 'live' && t(`settings.keys.state.${standing}`)}
        {standing === 'live' &&
          (key.expiresAt ? t('settings.keys.until', { date: day(key.expiresAt) }) : t('settings.keys.noEnd'))}
      </td>
      <td className="text-right max-desk:col-span-2 max-desk:text-left">
        {standing !== 'revoked' && (
          <Button
            tone="quiet"
            className="desk:-my-1 max-desk:-ml-3"
            aria-label={t('settings.keys.revokeOne', { name: key.name })}
            onClick={props.onRevoke}
          >
            {t('settings.keys.revoke')}
          </Button>
        )}
      </td>
    </tr>
  );
}
