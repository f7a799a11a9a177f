import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { problemText } from '@/shared/i18n/problemText';
import { Quoting } from '@/shared/ui/Quoting';
import { timesQuery } from './queries';
import { Ahead } from './ScheduleRow';

const ASKS_AFTER_MS = 350;

/** The next times of what is being typed, or what is wrong with it. */
export function Times({ cron, timezone }: { cron: string; timezone: string }) {
  const { t } = useTranslation();
  const typed = `${cron.trim()}|${timezone.trim()}`;
  const [asked, setAsked] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed), ASKS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const [askedCron = '', askedZone = ''] = asked.split('|');
  const times = useQuery(timesQuery(askedCron, askedZone));
  return (
    <div aria-live="polite" className="-mt-2 flex min-h-10 flex-col gap-0.5 text-small">
      <p className="text-faint">{t('schedules.nextTimes')}</p>
      {times.isError ? (
        <p className="break-words text-failed">
          <Quoting text={problemText(times.error, t)} />
        </p>
      ) : (
        <p className="flex flex-wrap gap-x-3 text-muted">
          {times.data?.map((at) => (
            <Ahead key={at} at={at} />
          ))}
        </p>
      )}
    </div>
  );
}
