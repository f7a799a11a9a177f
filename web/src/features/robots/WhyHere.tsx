import clsx from 'clsx';
import { useTranslation } from 'react-i18next';
import { Section } from '@/shared/ui/Section';
import type { Decision } from './reasons';

const WORDS = { 'the only one': 'only', 'shorter queue': 'queue', 'best figure': 'best' } as const;

/** Who was considered for a robot, with which figures, and why this one was chosen. */
export function WhyHere({ decision }: { decision: Decision }) {
  const { t } = useTranslation();
  const word = decision.why in WORDS ? WORDS[decision.why as keyof typeof WORDS] : null;
  const why = word ? t(`automation.robot.whyWord.${word}`) : decision.why;
  return (
    <Section title={t('automation.robot.why')} text={t('automation.robot.whyText', { why })}>
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
            <th scope="col" className="text-right">
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
              <td className="break-words">{one.module}</td>
              <td>{t(`automation.healthState.${one.health}`)}</td>
              <td className="text-right max-desk:hidden">{one.score.toFixed(2)}</td>
              <td className="text-right max-desk:hidden">{Math.round(one.capacity * 100)} %</td>
              <td className="text-right">{one.figure.toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
