import { useTranslation } from '@/shared/i18n/translation';
import { Section } from '@/shared/ui/Section';
import { TimeAgo } from '@/shared/ui/Time';
import type { TrailLine } from './reasons';

/** What people and programs did with a robot, the last first. */
export function Trail({ lines }: { lines: readonly TrailLine[] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('automation.trail.title')}>
      <ol className="divide-y divide-line text-list">
        {lines.map(({ at, by, did, known, why }, place) => (
          // Several may have happened in the same moment.
          <li key={`${at}-${place}`} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-4 py-2">
            <span className="font-medium">{known ? t(`automation.trail.did.${known}`) : did}</span>
            <span className="[overflow-wrap:anywhere] text-muted">
              {t('automation.robot.by', { name: by })}
            </span>
            <span className="grow" />
            <TimeAgo at={at} className="text-small text-faint" />
            {why && <span className="w-full [overflow-wrap:anywhere] text-muted">{why}</span>}
          </li>
        ))}
      </ol>
    </Section>
  );
}
