import clsx from 'clsx';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { percent } from '@/shared/format/numbers';
import { Section } from '@/shared/ui/Section';
import type { Decision } from './reasons';

const WORDS = { 'the only one': 'only', 'shorter queue': 'queue', 'best figure': 'best' } as const;

interface WhyHereProps {
  decision: Decision;
  /** Leads to a module. */
  moduleLink: (name: string) => ReactNode;
}

/** Who was considered for a robot, with which figures, and why this one was chosen. */
export function WhyHere({ decision, moduleLink }: WhyHereProps) {
  const { t, i18n } = useTranslation();
  const word = decision.why in WORDS ? WORDS[decision.why as keyof typeof WORDS] : null;
  const why = word ? t(`automation.robot.whyWord.${word}`) : decision.why;
  return (
    <Section title={t('automation.robot.why')} text={t('automation.robot.whyText', { why })}>
      {decision.movedFrom && (
        <p className="px-4 py-2.5 text-list text-muted">
          {t('automation.robot.movedFrom', { name: decision.movedFrom })}
        </p>
      )}
      <table className="w-full border-collapse text-list">
        <thead>
          <tr className="border-b border-line text-left text-small text-faint [&_th]:px-4 [&_th]:py-2 [&_th]:font-medium">
            <th scope="col">{t('automation.module')}</th>
            <th scope="col">{t('automation.health')}</th>
            <th scope="col" className="text-right max-desk:hidden">
              {t('automation.score')}
            </th>
            <th scope="col" className="text-right max-desk:hidden">
              {t('automation.load')}
            </th>
            <th scope="col" className="text-right max-desk:hidden">
              {t('automation.queue')}
            </th>
            <th scope="col" className="text-right" title={t('automation.robot.figureText')}>
              {t('automation.robot.figure')}
            </th>
          </tr>
        </thead>
        <tbody>
          {decision.considered.map((one) => (
            <tr
              key={one.module}
              className={clsx(
                'border-b border-line last:border-0 [&_td]:px-4 [&_td]:py-2',
                one.chosen ? 'font-medium' : 'text-muted',
              )}
            >
              <td className="[overflow-wrap:anywhere]">
                <span className="flex items-center gap-1.5">
                  {one.chosen && (
                    <Check
                      role="img"
                      aria-label={t('automation.robot.chosen')}
                      className="size-4 shrink-0 text-approved"
                    />
                  )}
                  <span className={clsx('min-w-0', !one.chosen && 'pl-[22px]')}>
                    {moduleLink(one.module)}
                  </span>
                </span>
              </td>
              <td>
                {one.out ? t(`automation.robot.out.${one.out}`) : t(`automation.healthState.${one.health}`)}
              </td>
              <td className="text-right max-desk:hidden">{one.score.toFixed(2)}</td>
              <td className="text-right max-desk:hidden">{percent(one.capacity, i18n.language)}</td>
              <td className="text-right max-desk:hidden">{one.queue ?? '–'}</td>
              <td className="text-right">{one.figure.toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="px-4 py-2 text-small text-faint">{t('automation.robot.figureText')}</p>
    </Section>
  );
}
