import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import { clock } from '@/shared/format/time';
import { useLiveStatus } from '@/shared/live/context';

/** Whether what is shown is what is; if not, of what time it is. */
export function LiveIndicator() {
  const { t, i18n } = useTranslation();
  const status = useLiveStatus();
  const lost = status.state === 'lost';
  const time = lost ? clock(status.asOf, i18n.language) : '';
  return (
    <p
      role="status"
      className={clsx(
        'flex min-w-0 items-center gap-1.5 px-1 text-list whitespace-nowrap',
        lost ? 'font-medium text-input' : 'text-muted',
      )}
    >
      <span
        aria-hidden
        className={clsx(
          'size-2 shrink-0 rounded-full',
          status.state === 'live' && 'bg-approved',
          status.state === 'connecting' && 'animate-breathe bg-line-strong',
          lost && 'animate-breathe bg-input',
        )}
      />
      {lost ? (
        <>
          <span className="max-desk:sr-only">{t('live.lost', { time })}</span>
          <span aria-hidden className="truncate desk:hidden">
            {t('live.lostShort', { time })}
          </span>
        </>
      ) : (
        t(`live.${status.state}`)
      )}
    </p>
  );
}
