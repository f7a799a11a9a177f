import clsx from 'clsx';
import type { TFunction } from 'i18next';
import { Circle, CircleCheck, CircleDot, CircleMinus, CircleX, type LucideIcon } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Group, RolloutStep } from '@/shared/api/types';
import { isQuoting } from '@/shared/i18n/quotations';
import { saying } from '@/shared/i18n/told';
import type { Words } from '@/shared/i18n/words';
import { Quoting } from '@/shared/ui/Quoting';
import { Elapsed } from '@/shared/ui/Time';
import { repeats } from './trouble';

const LOOKS = {
  pending: { icon: Circle, color: 'text-faint' },
  running: { icon: CircleDot, color: 'text-progress animate-breathe' },
  completed: { icon: CircleCheck, color: 'text-approved' },
  failed: { icon: CircleX, color: 'text-failed' },
  skipped: { icon: CircleMinus, color: 'text-faint' },
} as const satisfies Record<string, { icon: LucideIcon; color: string }>;

type StepState = keyof typeof LOOKS;

function nameOf(step: RolloutStep, t: TFunction): string {
  return t(`ship.step.${step.name as keyof Words['ship']['step']}`, { defaultValue: step.name });
}

function stateOf(step: RolloutStep): StepState {
  return step.status in LOOKS ? (step.status as StepState) : 'pending';
}

/** A roll-out, step by step, with times: something one can read along. */
export function Steps({ release }: { release: Group }) {
  const { t } = useTranslation();
  return (
    <ol aria-label={t('ship.steps')} className="flex flex-col">
      {release.steps.map((step) => {
        const state = stateOf(step);
        const { icon: Icon, color } = LOOKS[state];
        // What went wrong is said above, once.
        const detail = repeats(release, step) ? '' : (saying(step.detail, step.told, t) ?? '');
        return (
          <li
            key={step.name}
            aria-current={state === 'running' ? 'step' : undefined}
            className="flex items-baseline gap-2.5 py-1 text-list"
          >
            <Icon aria-hidden className={clsx('size-4 shrink-0 translate-y-[3px]', color)} />
            <span className={clsx('shrink-0', state === 'pending' ? 'text-faint' : 'text-ink')}>
              {nameOf(step, t)}
            </span>
            <span className="sr-only">{t(`ship.stepState.${state}`)}</span>
            <span
              className={clsx(
                'min-w-0 grow break-words',
                state === 'failed' ? 'text-failed' : 'text-muted',
                state !== 'failed' && !isQuoting(detail) && 'truncate',
              )}
              title={detail}
            >
              <Quoting text={detail} />
            </span>
            {step.startedAt && state !== 'pending' && (
              <Elapsed
                from={step.startedAt}
                to={step.completedAt}
                className="shrink-0 text-small text-faint"
              />
            )}
          </li>
        );
      })}
    </ol>
  );
}
