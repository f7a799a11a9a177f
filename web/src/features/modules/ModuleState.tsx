import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import type { HealthStatus } from '@/shared/api/types';
import { LOOKS } from './looks';

/** How a module is: picture, colour and word. */
export function ModuleState(props: { health: HealthStatus; title?: string | undefined; className?: string }) {
  const { t } = useTranslation();
  const { icon: Icon, color } = LOOKS[props.health];
  return (
    <span
      className={clsx(
        'inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap',
        props.health === 'UNKNOWN' ? 'text-faint' : color,
        props.className,
      )}
      title={props.title}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      {t(`automation.healthState.${props.health}`)}
    </span>
  );
}
