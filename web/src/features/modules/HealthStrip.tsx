import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import type { ModuleHistory } from '@/shared/api/types';
import { clock } from '@/shared/format/time';
import { countsOf, marksOf } from './day';
import { LOOKS } from './looks';

const HEIGHT = 20;

/** The last 24 hours of a module at a glance, a mark for each half-hour; each says on hover when and how it was. */
export function HealthStrip({ history }: { history: ModuleHistory }) {
  const { t, i18n } = useTranslation();
  const said = countsOf(history.health)
    .map(({ status, count }) =>
      t('automation.day.part', {
        hours: (count / 2).toLocaleString(i18n.language),
        how: t(`automation.healthState.${status}`),
      }),
    )
    .join(', ');
  return (
    <svg
      role="img"
      aria-label={t('automation.day.label', { said })}
      viewBox={`0 0 ${history.health.length * 4} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="block h-5 w-full max-w-[240px]"
    >
      {marksOf(history).map(({ status, from, to }, place) => {
        const { color, height } = LOOKS[status];
        const when = `${clock(from, i18n.language)}–${clock(to, i18n.language)}`;
        return (
          <g key={place} className={clsx(color, 'hover:opacity-60')}>
            <title>{`${when}: ${t(`automation.healthState.${status}`)}`}</title>
            <rect x={place * 4} width="4" height={HEIGHT} fill="transparent" />
            <rect
              x={place * 4}
              y={HEIGHT * (1 - height)}
              width="2.8"
              height={HEIGHT * height}
              fill="currentColor"
            />
          </g>
        );
      })}
    </svg>
  );
}
