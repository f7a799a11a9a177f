import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Words } from '@/shared/i18n/words';

type Neighbour = keyof Words['settings']['about']['neighbour'];

/** Those the server works with, and what is wrong with whom. */
export function Neighbours(props: { checks: Readonly<Record<string, string>> }) {
  const { t } = useTranslation();
  return (
    <ul className="flex flex-col gap-1.5 py-1.5">
      {Object.entries(props.checks).map(([name, state]) => {
        const well = state === 'ok';
        const Icon = well ? CircleCheck : TriangleAlert;
        return (
          <li key={name} className="flex items-start gap-2">
            <Icon
              aria-hidden
              className={`mt-0.5 size-4 shrink-0 ${well ? 'text-approved' : 'text-failed'}`}
            />
            <span>
              <span className="font-medium">
                {t(`settings.about.neighbour.${name as Neighbour}`, { defaultValue: name })}
              </span>{' '}
              <span className={well ? 'text-muted' : 'text-failed'}>
                {well ? t('settings.about.well') : state}
              </span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
