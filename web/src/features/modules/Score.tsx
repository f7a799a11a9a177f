import { useTranslation } from '@/shared/i18n/translation';
import type { Module, ModuleHistory } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';
import { sparkOf } from './day';

/** A module's score, its tier, and how the score went in the last 24 hours; on hover, what it is made of. */
export function Score({ module, history }: { module: Module; history: ModuleHistory | undefined }) {
  const { t, i18n } = useTranslation();
  const last = history?.scores.at(-1);
  const points = history ? sparkOf(history.scores, history.healthFrom) : '';
  const share = (value: number) => percent(value, i18n.language);
  return (
    <span
      className="inline-flex items-center gap-2.5 whitespace-nowrap"
      title={
        last &&
        t('automation.day.made', {
          success: last.succeeded + last.failed > 0 ? share(last.successRate) : t('module.unmeasured'),
          speed: share(last.speed),
          uptime: share(last.uptime),
        })
      }
    >
      <span className="inline-block min-w-[92px]">
        <ScoreWords module={module} />
      </span>
      <svg
        aria-hidden
        viewBox="-2 -8 104 116"
        preserveAspectRatio="none"
        className="h-5 w-16 shrink-0 text-muted"
      >
        {points && (
          <polyline
            points={points}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
    </span>
  );
}

/** A module's score and its tier; until it was counted for the first time there is none. */
export function ScoreWords({ module }: { module: Module }) {
  const { t } = useTranslation();
  if (module.lastPerformanceCheck === null) {
    return <span className="text-small text-faint">{t('module.unmeasured')}</span>;
  }
  return (
    <>
      {module.performanceScore.toFixed(2)}{' '}
      <span className="text-small text-faint">{t(`automation.tier.${module.performanceTier}`)}</span>
    </>
  );
}
